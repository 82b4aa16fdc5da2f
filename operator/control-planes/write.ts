import { canonicalJson, LABEL, sha256 } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { objectKey } from '#kube/resource.ts';
import type { Live, LiveObject } from './live.ts';
import type { Made } from './manifests/manifest.ts';

/** Hash of what was applied: an object that has it needs no write. */
const APPLIED = 'kosmos.io/applied';

export type Writer = {
  client: KubeClient;
  namespace: string;
  uid: string;
  live: Live;
  /** Applies all, also what seems to be right: somebody else may have changed it. */
  thorough: boolean;
};

/**
 * Makes the object be as its manifest says, by server-side apply, unless it is.
 * @throws ReasonedError NameTaken: there is one of that name that is not this control plane's.
 */
export async function write(writer: Writer, { of, manifest }: Made): Promise<LiveObject> {
  const { client, namespace, uid, live } = writer;
  const { name } = manifest.metadata;
  const hash = sha256(canonicalJson(manifest)).slice(0, 32);
  const found = live.find(of, name);
  if (found && !writer.thorough && found.metadata.annotations?.[APPLIED] === hash) return found;
  if (!found) {
    const other = await ignoreNotFound(client.get(of, { namespace, name }, { metadataOnly: true }));
    if (other && other.metadata.labels?.[LABEL.clusterUid] !== uid) {
      throw new ReasonedError(
        'NameTaken',
        `there is a ${of.kind} ${objectKey({ namespace, name })} that is not of this VirtualCluster; delete it, or choose another name for the VirtualCluster`,
      );
    }
  }
  const annotations = { ...manifest.metadata.annotations, [APPLIED]: hash };
  const body = { ...manifest, metadata: { ...manifest.metadata, namespace, annotations } };
  return (await client.patch(of, { namespace, name }, body, { form: 'apply' })) as LiveObject;
}

export const writeAll = (writer: Writer, made: readonly Made[]): Promise<LiveObject[]> =>
  Promise.all(made.map((one) => write(writer, one)));

/** Deletes what there is of this control plane beyond these. */
export async function prune({ client, namespace, live }: Writer, wanted: readonly Made[]): Promise<void> {
  const keys = new Set(wanted.map(({ of, manifest }) => `${of.kind}/${manifest.metadata.name}`));
  const extra = live.all().filter(({ of, object }) => !keys.has(`${of.kind}/${object.metadata.name}`));
  await Promise.all(
    extra.map(({ of, object }) => {
      const name = { namespace, name: object.metadata.name };
      return ignoreNotFound(client.delete(of, name, { preconditions: { uid: object.metadata.uid } }));
    }),
  );
}
