import type { Affinity } from '#api/contract/node-affinity.ts';

/** The parts of a Job that are injected into. Everything else is carried along as it came. */
export type VolumeMount = { name: string; mountPath: string; readOnly?: boolean };
export type Container = {
  name: string;
  volumeMounts?: VolumeMount[];
  env?: { name: string; value?: string }[];
  [field: string]: unknown;
};
export type Volume = { name: string; [source: string]: unknown };
export type PodSpec = {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  affinity?: Affinity;
  [field: string]: unknown;
};
export type Job = {
  metadata: {
    name?: string;
    namespace?: string;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  spec: { template: { spec: PodSpec; [field: string]: unknown }; [field: string]: unknown };
  [field: string]: unknown;
};

/** The Job with another pod spec. */
export function withPodSpec(job: Job, change: (spec: PodSpec) => PodSpec): Job {
  const { template } = job.spec;
  return { ...job, spec: { ...job.spec, template: { ...template, spec: change(template.spec) } } };
}

/** The Job with one of its containers changed; the same Job when it has none of that name. */
export function withContainer(job: Job, name: string, change: (container: Container) => Container): Job {
  return withPodSpec(job, (spec) => ({
    ...spec,
    containers: spec.containers.map((container) => (container.name === name ? change(container) : container)),
  }));
}

/** The list with `item` in the place of the one that has the same key, or at the end. */
export function upsert<T>(list: readonly T[] = [], item: T, key: (of: T) => string): T[] {
  const at = list.findIndex((one) => key(one) === key(item));
  return at < 0 ? [...list, item] : list.with(at, item);
}

export const mounted = (container: Container, mount: VolumeMount): Container => ({
  ...container,
  volumeMounts: upsert(container.volumeMounts, mount, ({ mountPath }) => mountPath),
});
