import { isDeepStrictEqual } from 'node:util';
import { type Secret, secrets } from '#kube/resources.ts';
import { dataOf } from '#kube/secret-data.ts';
import type { Texts } from './cas.ts';
import type { LiveObject } from './live.ts';
import { type Desired, metadata, type RenderInput } from './manifests/manifest.ts';
import type { Writer } from './write.ts';

/**
 * Stores the CAs before anything is signed with them, and only over the version that they were decided on.
 * @throws ApiError, a conflict among them when another replica was first
 */
export async function storePki(writer: Writer, input: RenderInput, texts: Texts): Promise<Desired> {
  const { client, namespace, live } = writer;
  const manifest = { metadata: metadata(input, input.names.pki), type: 'Opaque', data: dataOf(texts) };
  const stored = live.find<Secret & LiveObject>(secrets, input.names.pki);
  if (!stored) {
    await client.create(secrets, { ...manifest, metadata: { ...manifest.metadata, namespace } });
  } else if (!isDeepStrictEqual(stored.data, manifest.data)) {
    await client.replace(secrets, { ...stored, data: manifest.data });
  }
  return { resource: secrets, manifest };
}
