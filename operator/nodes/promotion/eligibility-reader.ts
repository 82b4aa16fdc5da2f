import { ANNOTATION, CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import { nodes, secrets, volumes } from '#kube/resources.ts';
import { type EligibilityInput, ineligibilityOf } from './eligibility.ts';
import { nodesWithAgent, withAgentRefusal } from './find-agent.ts';
import type { Candidate } from './wanted.ts';

type Deps = {
  client: KubeClient;
  clusters: () => readonly VirtualCluster[];
  insecureRegistries: readonly string[];
  promotableLabels: Record<string, string>;
};

/** Reads what the eligibility of host nodes depends on: at most once, and only when a node is asked about. */
export class EligibilityReader {
  readonly #deps: Deps;
  readonly #cluster: VirtualCluster;
  #input: Promise<EligibilityInput> | undefined;

  constructor(deps: Deps, cluster: VirtualCluster) {
    this.#deps = deps;
    this.#cluster = cluster;
  }

  /** Why a node can't be promoted; undefined when it can. @throws ApiError */
  async ineligibilityOf(name: string): Promise<Problem | undefined> {
    const problem = ineligibilityOf(name, await this.#read());
    return problem?.reason === 'NoNodeAgent' ? withAgentRefusal(this.#deps.client, problem) : problem;
  }

  /** All nodes of the host. @throws ApiError */
  async candidates(): Promise<Candidate[]> {
    const input = await this.#read();
    return input.nodes.map(({ metadata: { name, labels = {} } }) => ({
      name,
      labels,
      ineligibility: ineligibilityOf(name, input),
    }));
  }

  #read(): Promise<EligibilityInput> {
    this.#input ??= readInput(this.#deps, this.#cluster);
    return this.#input;
  }
}

async function readInput(
  { client, clusters, insecureRegistries, promotableLabels }: Deps,
  cluster: VirtualCluster,
): Promise<EligibilityInput> {
  const [nodeList, volumeList, endpointHosts, agents] = await Promise.all([
    client.list(nodes),
    client.list(volumes),
    readEndpointHosts(client),
    nodesWithAgent(client),
  ]);
  return {
    cluster,
    clusters: clusters(),
    nodes: nodeList.items,
    volumes: volumeList.items,
    agents,
    endpointHosts,
    promotableLabels,
    registries: insecureRegistries.map((registry) => registry.replace(/:\d+$/, '')),
  };
}

/** Hosts of all tenants' endpoints: promoting such a machine would cut the tenants' nodes off. */
async function readEndpointHosts(client: KubeClient): Promise<Set<string>> {
  const labelSelector = `${LABEL.component}=${CONTROL_PLANE_COMPONENT}`;
  const { items } = await client.list(secrets, { labelSelector, metadataOnly: true });
  return new Set(items.flatMap(({ metadata }) => metadata.annotations?.[ANNOTATION.entry] ?? []));
}
