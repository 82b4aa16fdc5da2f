import type { Affinity } from '#api/contract/node-affinity.ts';

/** The parts of a Job that mutations read or change; everything else is kept unchanged. */
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

/** The Job with the container of this name changed; unchanged when it has no such container. */
export function withContainer(job: Job, name: string, change: (container: Container) => Container): Job {
  return withPodSpec(job, (spec) => ({
    ...spec,
    containers: spec.containers.map((container) => (container.name === name ? change(container) : container)),
  }));
}

/** The list with `item` in place of the element with the same key, or at the end. */
export function upsert<T>(list: readonly T[] = [], item: T, key: (of: T) => string): T[] {
  const at = list.findIndex((element) => key(element) === key(item));
  return at < 0 ? [...list, item] : list.with(at, item);
}

/** The container with the mount, instead of another mount at the same path. */
export const mounted = (container: Container, mount: VolumeMount): Container => ({
  ...container,
  volumeMounts: upsert(container.volumeMounts, mount, ({ mountPath }) => mountPath),
});
