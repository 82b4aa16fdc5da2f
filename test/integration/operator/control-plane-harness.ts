/**
 * Control planes against an API server without nodes: nothing runs, so tests look at the objects only. The operator has
 * just its own rights.
 */
import { CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { silentLog } from '#kube/log.ts';
import { pods, virtualClusters } from '#kube/resources.ts';
import { ManagedControlPlanes } from '#operator/control-planes/control-planes.ts';
import type { ControlPlanes } from '#operator/control-planes/state.ts';
import { EventReader } from '#operator/host/event-reader.ts';
import { type GroupSettings, NO_POD_SETTINGS } from '#operator/host/pod-settings.ts';
import { aNamespace, aVirtualCluster, withSpecFields } from '#test/builders/manifests.ts';
import { apply, eventually, list } from '#test/kubectl.ts';

export const DAY_MS = 86_400_000;
export const KINDS =
  'deployments,statefulsets,services,secrets,configmaps,poddisruptionbudgets,networkpolicies,persistentvolumeclaims,pods';
export const selector = `${LABEL.component}=${CONTROL_PLANE_COMPONENT}`;
const images = {
  etcd: 'pinion/etcd',
  'kube-apiserver': 'pinion/kube-apiserver',
  'kube-controller-manager': 'pinion/kube-controller-manager',
  'kube-scheduler': 'pinion/kube-scheduler',
  'konnectivity-server': 'pinion/konnectivity-server',
};

/** The control planes of an operator that starts now. */
export const controlPlanes = (
  client: KubeClient,
  clock = systemClock,
  podSettings: GroupSettings = {},
): ControlPlanes =>
  new ManagedControlPlanes({
    client,
    clock,
    log: silentLog,
    // Without host nodes only a ClusterIP Service has an address.
    flags: { serviceType: 'ClusterIP', certificateLifetimeMs: 90 * DAY_MS },
    images: async () => images,
    events: new EventReader({ client, clock }),
    podSettings: async () => ({ ...NO_POD_SETTINGS, controlPlane: podSettings }),
    clusters: () => [],
  });

/** A VirtualCluster `demo` without the label by which the operators of other tests select theirs. */
export async function createCluster(
  admin: KubeClient,
  namespace: string,
  spec: Partial<VirtualClusterSpec> = {},
): Promise<VirtualCluster> {
  const manifest = aVirtualCluster(namespace, 'demo', [], withSpecFields(spec));
  const { kubeconfigSecretRef: _, ...rest } = manifest['spec'] as VirtualClusterSpec;
  await apply(aNamespace(namespace), { ...manifest, spec: rest });
  return admin.get(virtualClusters, { namespace, name: 'demo' });
}

/** Does what a node would do: etcd's pod gets an address. */
export async function startEtcd(admin: KubeClient, namespace: string): Promise<void> {
  const name = 'demo-etcd-0';
  const status = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] };
  await eventually(`pod ${namespace}/${name}`, 120, () =>
    ignoreNotFound(admin.patch(pods, { namespace, name }, { status }, { subresource: 'status' })),
  );
}

/** Creates a control plane completely. */
export async function createAll(
  admin: KubeClient,
  planes: ControlPlanes,
  cluster: VirtualCluster,
): Promise<void> {
  await planes.ensure(cluster);
  await startEtcd(admin, cluster.metadata.namespace);
  await planes.ensure(cluster);
}

/** `Kind/name` of every object of the control plane but its pods. */
export const objectsIn = async (namespace: string): Promise<string[]> =>
  (await list<{ kind: string; metadata: { name: string } }>(KINDS, '-n', namespace, '-l', selector))
    .filter(({ kind }) => kind !== 'Pod')
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();
