import { sha256 } from '#api/contract/names.ts';
import { quantityValue } from '#api/quantity.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type Claim, claims, pods, secrets } from '#kube/resources.ts';
import { textsIn } from '#kube/secret-data.ts';
import type { CredentialTexts } from './credentials.ts';
import type { Live } from './live.ts';
import { deployments, statefulSets } from './manifests/manifest.ts';
import type { Names } from './names.ts';
import type { ControlPlaneSpec } from './spec.ts';
import type { Writer } from './write.ts';

type EtcdStatefulSet = {
  spec: {
    volumeClaimTemplates: {
      spec: { storageClassName?: string; resources: { requests: { storage: string } } };
    }[];
  };
};

const etcdPod = ({ namespace }: Writer, names: Names) => ({ namespace, name: `${names.etcd}-0` });

/** The name of etcd's claim. */
export const claimName = ({ etcd }: Pick<Names, 'etcd'>) => `data-${etcd}-0`;

/**
 * The storage of an etcd that exists: a StatefulSet's claim template can't be changed, its claim can be enlarged.
 * @throws ApiError
 */
export async function storageOf(
  client: KubeClient,
  namespace: string,
  live: Live,
  names: Names,
): Promise<ControlPlaneSpec['storage'] | undefined> {
  const template = live.find<EtcdStatefulSet>(statefulSets, names.etcd)?.spec.volumeClaimTemplates[0];
  if (!template) return undefined;
  const { storageClassName, resources } = template.spec;
  const claim = await ignoreNotFound(client.get(claims, { namespace, name: claimName(names) }));
  const volume = claim && volumeSize(claim);
  return {
    size: resources.requests.storage,
    ...(storageClassName && { className: storageClassName }),
    ...(volume !== undefined && { volume }),
  };
}

/** What was asked for, and no more than there is: a claim is enlarged some time after its request. */
function volumeSize({ spec, status }: Claim): string | undefined {
  const [requested, there] = [spec.resources?.requests?.storage, status?.capacity?.storage];
  if (requested === undefined || there === undefined) return requested;
  return quantityValue(there) < quantityValue(requested) ? there : requested;
}

/**
 * Whether the API servers can be created. Reads etcd's pod only until they exist: running API servers survive a
 * datastore that is away.
 */
export async function etcdHasAddress(writer: Writer, names: Names): Promise<boolean> {
  if (writer.live.find(deployments, names.apiServer)) return true;
  const pod = await ignoreNotFound(writer.client.get(pods, etcdPod(writer, names)));
  return pod?.status?.podIP !== undefined;
}

/** etcd rereads its certificate at every connection; a change of the pod makes its kubelet update the files at once. */
export async function reloadEtcd(writer: Writer, names: Names, credentials: CredentialTexts): Promise<void> {
  const before = writer.live.find(secrets, names.etcdTls);
  const [old, current] = [textsIn(before)['server.crt'], credentials.etcdTls?.['server.crt']];
  if (!before || old === current) return;
  const annotations = { 'kosmos.io/renewed': sha256(current ?? '').slice(0, 16) };
  await ignoreNotFound(writer.client.patch(pods, etcdPod(writer, names), { metadata: { annotations } }));
}
