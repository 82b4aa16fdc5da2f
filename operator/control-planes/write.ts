import { canonicalJson, LABEL, sha256 } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { objectKey } from '#kube/resource.ts';
import type { Live, LiveObject } from './live.ts';
import type { Desired } from './manifests/manifest.ts';

/** Hash of the applied manifest: an object with the same hash needs no write. */
const APPLIED = 'kosmos.io/applied';

export type Writer = {
  client: KubeClient;
  namespace: string;
  uid: string;
  live: Live;
  /** Apply every object, also those that look unchanged: something else may have changed them. */
  thorough: boolean;
};

/**
 * Applies a manifest (server-side apply) unless the object carries its hash.
 * @throws ReasonedError `NameTaken` when the name belongs to an object outside this control plane; ApiError
 */
export async function write(writer: Writer, { resource, manifest }: Desired): Promise<LiveObject> {
  const { client, namespace, uid, live } = writer;
  const { name } = manifest.metadata;
  const hash = sha256(canonicalJson(manifest)).slice(0, 32);
  const existing = live.find(resource, name);
  if (existing && !writer.thorough && existing.metadata.annotations?.[APPLIED] === hash) return existing;
  if (!existing) {
    const other = await ignoreNotFound(client.get(resource, { namespace, name }, { metadataOnly: true }));
    if (other && other.metadata.labels?.[LABEL.clusterUid] !== uid) {
      throw new ReasonedError(
        'NameTaken',
        `${resource.kind} ${objectKey({ namespace, name })} already exists and belongs to something else; delete it, or choose another name for the VirtualCluster`,
      );
    }
  }
  const annotations = { ...manifest.metadata.annotations, [APPLIED]: hash };
  const body = { ...manifest, metadata: { ...manifest.metadata, namespace, annotations } };
  return (await client.patch(resource, { namespace, name }, body, { form: 'apply' })) as LiveObject;
}

/** Applies manifests side by side. @returns the objects in the same order */
export const writeAll = (writer: Writer, desired: readonly Desired[]): Promise<LiveObject[]> =>
  Promise.all(desired.map((object) => write(writer, object)));

/** Deletes the objects of this control plane that are not among these. */
export async function prune({ client, namespace, live }: Writer, desired: readonly Desired[]): Promise<void> {
  const keys = new Set(desired.map(({ resource, manifest }) => `${resource.kind}/${manifest.metadata.name}`));
  const extra = live
    .all()
    .filter(({ resource, object }) => !keys.has(`${resource.kind}/${object.metadata.name}`));
  await Promise.all(
    extra.map(({ resource, object }) => {
      const name = { namespace, name: object.metadata.name };
      return ignoreNotFound(client.delete(resource, name, { preconditions: { uid: object.metadata.uid } }));
    }),
  );
}
