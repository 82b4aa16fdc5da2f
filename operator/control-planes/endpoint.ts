import { findCondition } from '#kube/conditions.ts';
import type { Endpoint } from '#operator/access/tenant.ts';

/** The fields of a host Node that are read. */
export type HostNode = {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
  status?: {
    addresses?: { type: string; address: string }[];
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
  };
};

/** The fields of the API server's Service that are read. */
export type ServiceState = {
  spec?: {
    type?: string;
    clusterIP?: string;
    ports?: { name?: string; port: number; nodePort?: number }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
};

/** Where nodes and pods of the tenant reach its control plane. */
export type TenantEndpoints = { apiServer: Endpoint; konnectivity: Endpoint };

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

export const addressOf = (node: HostNode): string | undefined =>
  node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;

/**
 * Chooses the host node at whose address nodes and pods of the tenant reach its API server. Control-plane nodes come
 * first, because a node that is promoted takes its address with it. An earlier choice stays as long as its node is
 * Ready or may be rebooting: kubelets have the address in their kubeconfigs, and plugins in their values.
 * @param before the address that was chosen earlier
 * @returns the InternalIP, or undefined when no node is eligible
 */
export function chooseNodeAddress(
  nodes: readonly HostNode[],
  promoted: ReadonlySet<string>,
  { before, now }: { before: string | undefined; now: number },
): string | undefined {
  const present = nodes.filter(
    (node) => addressOf(node) && !promoted.has(node.metadata.name) && !node.metadata.deletionTimestamp,
  );
  const previous = present.find((node) => addressOf(node) === before && downFor(node, now) < REBOOT_MS);
  const ready = present.filter((node) => downFor(node, now) === 0);
  const isControlPlane = (node: HostNode) => node.metadata.labels?.[CONTROL_PLANE] !== undefined;
  const [first] = ready.sort(
    (a, b) =>
      Number(isControlPlane(b)) - Number(isControlPlane(a)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  const chosen = previous ?? first;
  return chosen && addressOf(chosen);
}

/** Long enough for a reboot with an update of the system. */
const REBOOT_MS = 15 * 60_000;

/** Milliseconds for which the node has not been Ready; 0 when it is. */
function downFor(node: HostNode, now: number): number {
  const ready = findCondition(node, 'Ready');
  if (ready?.status === 'True') return 0;
  const since = Date.parse(ready?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? Number.POSITIVE_INFINITY : Math.max(1, now - since);
}

/** The endpoints that a Service provides; undefined while it has no address or no ports. */
export function endpointsOf(
  service: ServiceState,
  nodeAddress: string | undefined,
): TenantEndpoints | undefined {
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
): TenantEndpoints | undefined {
  const port = (name: string) => {
    const match = service.spec?.ports?.find((candidate) => candidate.name === name);
    return match && pick(match);
  };
  const [apiServer, konnectivity] = [port('https'), port('konnectivity')];
  if (!apiServer || !konnectivity) return undefined;
  return { apiServer: { host, port: apiServer }, konnectivity: { host, port: konnectivity } };
}

/** `https://host:port`, with brackets around an IPv6 address. */
export const urlOf = ({ host, port }: Endpoint): string =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
