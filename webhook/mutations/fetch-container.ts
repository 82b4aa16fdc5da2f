import {
  EXECUTOR_CONTAINER,
  FETCH_CONTAINER,
  FETCH_ENVIRONMENT,
  LOG_FORMAT_ENVIRONMENT,
  sourceDirectory,
  VOLUME,
} from '#api/contract/job.ts';
import type { FetchOrder } from '#api/contract/work-order.ts';
import { parseDuration } from '#api/duration.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import { type Container, mounted, upsert, withPodSpec } from '../job.ts';
import { type Fetched, fetchedLocations } from './fetched.ts';
import type { Injection, Mutation } from './mutation.ts';
import { volumeNameOf } from './source-volumes.ts';

/** What has to be fetched is fetched by an init container: the executor never touches the network for it. */
export const addFetchContainer: Mutation = (job, injection) => {
  const fetched = fetchedLocations(injection.locations);
  if (fetched.length === 0) return job;
  return withPodSpec(job, (spec) => {
    const executor = spec.containers.find(({ name }) => name === EXECUTOR_CONTAINER);
    if (!executor) return spec;
    const container = fetched.reduce(
      (result, one) =>
        mounted(result, {
          name: volumeNameOf(one, injection.locations),
          mountPath: sourceDirectory(one.slot),
        }),
      fetchContainer(executor, injection),
    );
    return { ...spec, initContainers: upsert(spec.initContainers, container, ({ name }) => name) };
  });
};

/** As the executor, in image, confinement and limits; but with neither its Secret nor its directories. */
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
  const given = Object.entries(container).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Container;
}

function fetchOrder({ plugin, locations, settings }: Injection): FetchOrder {
  return {
    version: 1,
    timeoutMs: parseDuration(plugin.spec.timeout ?? PLUGIN_DEFAULTS.timeout),
    allowSourceCidrs: settings.allowSourceCidrs,
    sourceSecureLoose: settings.sourceSecureLoose,
    items: fetchedLocations(locations).map(fetchItem),
  };
}

function fetchItem({ slot, location }: Fetched): FetchOrder['items'][number] {
  const credentials = location.secret !== undefined;
  switch (location.kind) {
    case 'uri': {
      const { kind, uri, sha256 } = location;
      return { kind, slot, uri, ...(sha256 && { sha256 }), credentials };
    }
    case 'repository': {
      const { kind, repo, name, version } = location;
      return { kind, slot, repo, ...(name && { name }), ...(version && { version }), credentials };
    }
  }
}
