import {
  EXECUTOR_CONTAINER,
  FETCH_CONTAINER,
  FETCH_ENVIRONMENT,
  LOG_FORMAT_ENVIRONMENT,
  sourceDirectory,
  sourceVolume,
  VOLUME,
} from '#api/contract/job.ts';
import type { FetchOrder } from '#api/contract/work-order.ts';
import { parseDuration } from '#api/duration.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import { type Container, mounted, upsert, withPodSpec } from '../job.ts';
import { fetchesOf } from './fetches.ts';
import type { Injection, Mutation } from './mutation.ts';

/** Adds the init container that fetches sources, so that the executor never uses the network for them. */
export const addFetchContainer: Mutation = (job, injection) => {
  const fetches = fetchesOf(injection.locations);
  if (fetches.length === 0) return job;
  return withPodSpec(job, (spec) => {
    const executor = spec.containers.find(({ name }) => name === EXECUTOR_CONTAINER);
    if (!executor) return spec;
    const container = fetches.reduce(
      (result, { item: { slot } }) =>
        mounted(result, { name: sourceVolume(slot), mountPath: sourceDirectory(slot) }),
      fetchContainer(executor, injection),
    );
    return { ...spec, initContainers: upsert(spec.initContainers, container, ({ name }) => name) };
  });
};

/** Like the executor in image, confinement and limits, but with neither its Secret nor its directories. */
function fetchContainer(executor: Container, injection: Injection): Container {
  const { image, imagePullPolicy, securityContext, resources, terminationMessagePolicy } = executor;
  const logFormat = executor.env?.find(({ name }) => name === LOG_FORMAT_ENVIRONMENT);
  const container: Container = {
    name: FETCH_CONTAINER,
    image,
    imagePullPolicy,
    args: ['fetch'],
    env: [
      { name: FETCH_ENVIRONMENT, value: JSON.stringify(fetchOrder(injection)) },
      ...(logFormat ? [logFormat] : []),
    ],
    securityContext,
    resources,
    terminationMessagePolicy,
    volumeMounts: [{ name: VOLUME.scratch, mountPath: '/tmp' }],
  };
  const present = Object.entries(container).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Container;
}

function fetchOrder({ plugin, locations, settings }: Injection): FetchOrder {
  return {
    version: 1,
    timeoutMs: parseDuration(plugin.spec.timeout ?? PLUGIN_DEFAULTS.timeout),
    allowSourceCidrs: settings.allowSourceCidrs,
    sourceSecureLoose: settings.sourceSecureLoose,
    items: fetchesOf(locations).map(({ item }) => item),
  };
}
