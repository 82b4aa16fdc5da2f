import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { claims, configMaps, type Pod, pods, secrets } from '#kube/resources.ts';
import { budgets, deployments, networkPolicies, services, statefulSets } from './manifests/manifest.ts';
import type { Workload } from './rollout.ts';

/** The kinds of a control plane's objects, in the order in which they are deleted. */
export const OWNED_KINDS: readonly Resource<KubeObject>[] = [
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

/** The objects of one control plane that exist, by kind and name. */
export type Live = {
  find<T extends object = LiveObject>(resource: Resource<KubeObject>, name: string): T | undefined;
  all(): { resource: Resource<KubeObject>; object: LiveObject }[];
};

export async function readLive(client: KubeClient, namespace: string, labelSelector: string): Promise<Live> {
  const lists = await Promise.all(
    OWNED_KINDS.map((resource) => client.list(resource, { namespace, labelSelector })),
  );
  const all = OWNED_KINDS.flatMap((resource, i) =>
    (lists[i]?.items ?? []).map((object) => ({ resource, object: object as LiveObject })),
  );
  const byKey = new Map(
    all.map(({ resource, object }) => [`${resource.kind}/${object.metadata.name}`, object]),
  );
  return {
    find: <T extends object>(resource: Resource<KubeObject>, name: string) =>
      byKey.get(`${resource.kind}/${name}`) as T | undefined,
    all: () => all,
  };
}

export const workloadsOf = (live: Live): Workload[] =>
  live.all().flatMap(({ resource, object }) => (WORKLOADS.includes(resource) ? [object as Workload] : []));

/** Pods of the control plane, which controllers of the host create. */
export async function readPods(client: KubeClient, namespace: string, labelSelector: string): Promise<Pod[]> {
  return (await client.list(pods, { namespace, labelSelector })).items;
}

/** etcd's volume claims, which the StatefulSet controller creates. */
export async function readClaims(client: KubeClient, namespace: string, labelSelector: string) {
  return (await client.list(claims, { namespace, labelSelector, metadataOnly: true })).items;
}
