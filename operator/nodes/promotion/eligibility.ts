import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import { isTrue } from '#kube/conditions.ts';
import type { Node, Volume } from '#kube/resources.ts';
import { noAgent } from './find-agent.ts';
import { matchesTerms, selects } from './selector.ts';

/** What decides, besides the node itself, whether it can be taken. */
export type Surroundings = {
  cluster: VirtualCluster;
  /** All VirtualClusters that the operator knows. */
  clusters: readonly VirtualCluster[];
  nodes: readonly Node[];
  volumes: readonly Volume[];
  /** Labels that the administrator wants on a node that is taken. */
  promotableLabels: Readonly<Record<string, string>>;
  /** Names of the nodes on which an agent runs. */
  agents: ReadonlySet<string>;
  /** Host parts of the addresses of all tenants' API servers. */
  entries: ReadonlySet<string>;
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

/** Why a host node can't be taken into the cluster, if it can't. */
export function obstacleTo(name: string, around: Surroundings): Problem | undefined {
  const node = around.nodes.find(({ metadata }) => metadata.name === name);
  return (
    takenByOther(name, node, around) ??
    (node
      ? (roleOf(node) ??
        offerOf(node, around) ??
        dutyOf(node, around) ??
        boundVolume(node, around) ??
        agentless(name, around))
      : notFound(name))
  );
}

const agentless = (name: string, { agents }: Surroundings) => (agents.has(name) ? undefined : noAgent(name));

const notFound = (name: string): Problem => ({
  reason: 'NodeNotFound',
  message: `the host has no node ${name}; correct the name, or add the node`,
});

/** Who came first has it, until it is given back. */
function takenByOther(
  name: string,
  node: Node | undefined,
  { cluster, clusters }: Surroundings,
): Problem | undefined {
  const holder = node && holderOf(node);
  const recorded = clusters.find(
    ({ metadata, status }) =>
      metadata.uid !== cluster.metadata.uid &&
      status?.nodes?.some((one) => one.name === name && one.kind === 'Promoted' && one.step !== undefined),
  );
  const other =
    holder !== undefined && holder !== holderName(cluster)
      ? holder.split('/').slice(0, 2).join('/')
      : recorded && labelled(recorded);
  if (other === undefined) return undefined;
  const message = `node ${name} belongs to VirtualCluster ${other}; it is taken when that one gives it back`;
  return { reason: 'NodeTaken', message };
}

function roleOf({ metadata, spec }: Node): Problem | undefined {
  const keys = [...Object.keys(metadata.labels ?? {}), ...(spec?.taints ?? []).map(({ key }) => key)];
  if (!keys.some((key) => CONTROL_PLANE.test(key))) return undefined;
  const message = `node ${metadata.name} runs the host's control plane; name another`;
  return { reason: 'ControlPlaneNode', message };
}

/** Whoever may create a VirtualCluster can ask for any node, so the administrator says which there are to ask for. */
function offerOf({ metadata }: Node, { promotableLabels }: Surroundings): Problem | undefined {
  if (selects({ matchLabels: { ...promotableLabels } }, metadata.labels ?? {})) return undefined;
  const labels = Object.entries(promotableLabels).map(([key, value]) => `${key}=${value}`);
  const message = `node ${metadata.name} is not offered to virtual clusters: the administrator asks for the label ${labels.join(', ')}; name another`;
  return { reason: 'NodeNotOffered', message };
}

function dutyOf(node: Node, { entries, registries }: Surroundings): Problem | undefined {
  const { name } = node.metadata;
  const own = [...addressesOf(node), name];
  const entry = own.find((one) => entries.has(one));
  if (entry !== undefined) {
    const message = `nodes of virtual clusters reach their API servers at ${entry}, an address of node ${name}; name another`;
    return { reason: 'EntryNode', message };
  }
  const registry = registries.find((one) => own.includes(one));
  if (registry !== undefined) {
    const message = `node ${name} is the image registry ${registry}; name another`;
    return { reason: 'RegistryNode', message };
  }
  if (isReady(node)) return undefined;
  return {
    reason: 'HostNodeNotReady',
    message: `node ${name} is not Ready in the host; it is taken once it is`,
  };
}

/** Data that can be nowhere else would be out of reach: datastores of control planes are among it. */
function boundVolume(node: Node, { volumes, nodes }: Surroundings): Problem | undefined {
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
