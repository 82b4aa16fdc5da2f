import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import { isTrue } from '#kube/conditions.ts';
import type { Node, Volume } from '#kube/resources.ts';
import { noAgent } from './find-agent.ts';
import { matchesTerms, selects } from './selector.ts';

/** Everything that the eligibility of a node depends on. */
export type EligibilityInput = {
  cluster: VirtualCluster;
  /** All VirtualClusters that the operator knows. */
  clusters: readonly VirtualCluster[];
  nodes: readonly Node[];
  volumes: readonly Volume[];
  /** Labels that a node must have to be promoted (`--promotable-nodes`). */
  promotableLabels: Readonly<Record<string, string>>;
  /** Names of the nodes with a node agent. */
  agents: ReadonlySet<string>;
  /** Hosts of the endpoints of all tenants' API servers. */
  endpointHosts: ReadonlySet<string>;
  /** Names and addresses of image registries that tenants' nodes pull from. */
  registries: readonly string[];
};

const CONTROL_PLANE = /^node-role\.kubernetes\.io\/(control-plane|master)$/;
const labelled = ({ metadata }: VirtualCluster) => `${metadata.namespace}/${metadata.name}`;

export const isReady = (node: Node): boolean => isTrue(node, 'Ready');
export const addressesOf = ({ status }: Node): string[] =>
  (status?.addresses ?? []).map(({ address }) => address);
export const holderOf = (node: Node): string | undefined => node.metadata.annotations?.[ANNOTATION.heldBy];
export const holderName = ({ metadata }: VirtualCluster): string =>
  `${metadata.namespace}/${metadata.name}/${metadata.uid}`;

/** Why a host node can't be promoted into the cluster; undefined when it can. */
export function ineligibilityOf(name: string, input: EligibilityInput): Problem | undefined {
  const node = input.nodes.find(({ metadata }) => metadata.name === name);
  return (
    heldByOther(name, node, input) ??
    (node
      ? (controlPlaneNode(node) ??
        notOffered(node, input) ??
        servesTenants(node, input) ??
        notReady(node) ??
        boundVolume(node, input) ??
        withoutAgent(name, input))
      : notFound(name))
  );
}

const withoutAgent = (name: string, { agents }: EligibilityInput) =>
  agents.has(name) ? undefined : noAgent(name);

const notFound = (name: string): Problem => ({
  reason: 'NodeNotFound',
  message: `the host has no node ${name}; correct the name, or add the node`,
});

/** The first cluster keeps the node until it returns it. */
function heldByOther(
  name: string,
  node: Node | undefined,
  { cluster, clusters }: EligibilityInput,
): Problem | undefined {
  const holder = node && holderOf(node);
  const recorded = clusters.find(
    ({ metadata, status }) =>
      metadata.uid !== cluster.metadata.uid &&
      status?.nodes?.some(
        (node) => node.name === name && node.kind === 'Promoted' && node.step !== undefined,
      ),
  );
  const other =
    holder !== undefined && holder !== holderName(cluster)
      ? holder.split('/').slice(0, 2).join('/')
      : recorded && labelled(recorded);
  if (other === undefined) return undefined;
  const message = `node ${name} belongs to VirtualCluster ${other}; it can be promoted once that cluster returns it`;
  return { reason: 'NodeTaken', message };
}

function controlPlaneNode({ metadata, spec }: Node): Problem | undefined {
  const keys = [...Object.keys(metadata.labels ?? {}), ...(spec?.taints ?? []).map(({ key }) => key)];
  if (!keys.some((key) => CONTROL_PLANE.test(key))) return undefined;
  const message = `node ${metadata.name} runs the host's control plane; name another node`;
  return { reason: 'ControlPlaneNode', message };
}

/** A VirtualCluster can name any node, so the administrator restricts which of them can be promoted. */
function notOffered({ metadata }: Node, { promotableLabels }: EligibilityInput): Problem | undefined {
  if (selects({ matchLabels: { ...promotableLabels } }, metadata.labels ?? {})) return undefined;
  const labels = Object.entries(promotableLabels).map(([key, value]) => `${key}=${value}`);
  const message = `node ${metadata.name} is not offered to virtual clusters: it lacks the label ${labels.join(', ')}; name another node`;
  return { reason: 'NodeNotOffered', message };
}

/** Tenants depend on the node: it is an endpoint of a control plane, or their image registry. */
function servesTenants(node: Node, { endpointHosts, registries }: EligibilityInput): Problem | undefined {
  const { name } = node.metadata;
  const own = [...addressesOf(node), name];
  const endpoint = own.find((host) => endpointHosts.has(host));
  if (endpoint !== undefined) {
    const message = `node ${name} has the address ${endpoint}, at which nodes of managed clusters reach their API servers; name another node`;
    return { reason: 'EntryNode', message };
  }
  const registry = registries.find((host) => own.includes(host));
  if (registry !== undefined) {
    const message = `node ${name} is the image registry ${registry}; name another node`;
    return { reason: 'RegistryNode', message };
  }
  return undefined;
}

function notReady(node: Node): Problem | undefined {
  if (isReady(node)) return undefined;
  const message = `node ${node.metadata.name} is not Ready in the host; it can be promoted once it is`;
  return { reason: 'HostNodeNotReady', message };
}

/** Data on a volume that only this node reaches, such as a control plane's datastore, would become unreachable. */
function boundVolume(node: Node, { volumes, nodes }: EligibilityInput): Problem | undefined {
  const isHere = ({ spec, status }: Volume) => {
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
    if (terms === undefined || status?.phase !== 'Bound' || !matchesTerms(terms, node.metadata)) return false;
    return !nodes.some((other) => other !== node && matchesTerms(terms, other.metadata));
  };
  const volume = volumes.find(isHere);
  if (volume === undefined) return undefined;
  const { namespace, name } = volume.spec.claimRef ?? {};
  const message = `node ${node.metadata.name} holds the volume of claim ${namespace}/${name}, which no other node can reach; delete the claim, or name another node`;
  return { reason: 'NodeBoundVolume', message };
}
