import { findCondition } from '#kube/conditions.ts';
import type { Endpoint } from '#operator/access/tenant.ts';

/** What is read of a host Node. */
export type HostNode = {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
  status?: {
    addresses?: { type: string; address: string }[];
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
  };
};

/** What is read of the API server's Service. */
export type ServiceState = {
  spec?: {
    type?: string;
    clusterIP?: string;
    ports?: { name?: string; port: number; nodePort?: number }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
};

export type Entry = { apiServer: Endpoint; konnectivity: Endpoint };

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

export const addressOf = (node: HostNode): string | undefined =>
  node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;

/**
 * The host node at whose address nodes and pods of the tenant find its API server. A node that could be promoted away
 * would take the address with it, so control-plane nodes come first. What was chosen before is kept as long as its
 * node is Ready, or may soon be again: kubelets have it in their kubeconfigs, plugins in their values.
 * @returns undefined when no node is Ready that could be it.
 */
export function chooseNodeAddress(
  nodes: readonly HostNode[],
  promoted: ReadonlySet<string>,
  { before, now }: { before: string | undefined; now: number },
): string | undefined {
  const present = nodes.filter(
    (node) => addressOf(node) && !promoted.has(node.metadata.name) && !node.metadata.deletionTimestamp,
  );
  const kept = present.find((node) => addressOf(node) === before && downFor(node, now) < REBOOT_MS);
  const good = present.filter((node) => downFor(node, now) === 0);
  const isControlPlane = (node: HostNode) => node.metadata.labels?.[CONTROL_PLANE] !== undefined;
  const [first] = good.sort(
    (a, b) =>
      Number(isControlPlane(b)) - Number(isControlPlane(a)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  const chosen = kept ?? first;
  return chosen && addressOf(chosen);
}

/** A reboot of a machine, and an update of its system with it. */
const REBOOT_MS = 15 * 60_000;

/** For how long the node has not been Ready, in milliseconds. */
function downFor(node: HostNode, now: number): number {
  const ready = findCondition(node, 'Ready');
  if (ready?.status === 'True') return 0;
  const since = Date.parse(ready?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? Number.POSITIVE_INFINITY : Math.max(1, now - since);
}

/** Where the tenant is reached through its Service, or undefined while nobody has given it an address. */
export function entryOf(service: ServiceState, nodeAddress: string | undefined): Entry | undefined {
  const { type = 'ClusterIP', clusterIP } = service.spec ?? {};
  const [ingress] = service.status?.loadBalancer?.ingress ?? [];
  switch (type) {
    case 'NodePort':
      return nodeAddress === undefined ? undefined : at(service, nodeAddress, ({ nodePort }) => nodePort);
    case 'LoadBalancer': {
      const host = ingress?.ip ?? ingress?.hostname;
      return host === undefined ? undefined : at(service, host, ({ port }) => port);
    }
    default:
      return clusterIP === undefined ? undefined : at(service, clusterIP, ({ port }) => port);
  }
}

type Port = NonNullable<NonNullable<ServiceState['spec']>['ports']>[number];

function at(
  service: ServiceState,
  host: string,
  pick: (port: Port) => number | undefined,
): Entry | undefined {
  const port = (name: string) => {
    const found = service.spec?.ports?.find((one) => one.name === name);
    return found && pick(found);
  };
  const [apiServer, konnectivity] = [port('https'), port('konnectivity')];
  if (!apiServer || !konnectivity) return undefined;
  return { apiServer: { host, port: apiServer }, konnectivity: { host, port: konnectivity } };
}

export { serverUrl as urlOf } from '#kube/connection.ts';
