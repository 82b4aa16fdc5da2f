import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { claims, configMaps, type Pod, pods, secrets } from '#kube/resources.ts';
import { budgets, deployments, networkPolicies, services, statefulSets } from './manifests/manifest.ts';
import type { Workload } from './rollout.ts';

/** Kinds that a control plane is made of, in the order in which they are taken away. */
export const MADE_KINDS: readonly Resource<KubeObject>[] = [
  deployments,
  statefulSets,
  services,
  budgets,
  networkPolicies,
  secrets,
  configMaps,
];
export const WORKLOADS: readonly Resource<KubeObject>[] = [deployments, statefulSets];

export type LiveObject = {
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
  data?: Record<string, string>;
};

/** What is there of one control plane: by kind, and in it by name. */
export type Live = {
  find<T extends object = LiveObject>(of: Resource<KubeObject>, name: string): T | undefined;
  all(): { of: Resource<KubeObject>; object: LiveObject }[];
};

export async function readLive(client: KubeClient, namespace: string, labelSelector: string): Promise<Live> {
  const lists = await Promise.all(MADE_KINDS.map((of) => client.list(of, { namespace, labelSelector })));
  const all = MADE_KINDS.flatMap((of, i) =>
    (lists[i]?.items ?? []).map((object) => ({ of, object: object as LiveObject })),
  );
  const byKey = new Map(all.map(({ of, object }) => [`${of.kind}/${object.metadata.name}`, object]));
  return {
    find: <T extends object>(of: Resource<KubeObject>, name: string) =>
      byKey.get(`${of.kind}/${name}`) as T | undefined,
    all: () => all,
  };
}

export const workloadsOf = (live: Live): Workload[] =>
  live.all().flatMap(({ of, object }) => (WORKLOADS.includes(of) ? [object as Workload] : []));

/** Pods and claims: made by controllers, not by us. */
export async function readPods(client: KubeClient, namespace: string, labelSelector: string): Promise<Pod[]> {
  return (await client.list(pods, { namespace, labelSelector })).items;
}

export async function readClaims(client: KubeClient, namespace: string, labelSelector: string) {
  return (await client.list(claims, { namespace, labelSelector, metadataOnly: true })).items;
}
