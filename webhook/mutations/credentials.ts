import { credentialsDirectory, credentialsVolume, FETCH_CONTAINER } from '#api/contract/job.ts';
import { mounted, upsert, withPodSpec } from '../job.ts';
import { fetchesOf } from './fetches.ts';
import type { Mutation } from './mutation.ts';

/** Mounts source credentials into the fetch container only. */
export const mountCredentials: Mutation = (job, { locations }) =>
  fetchesOf(locations).reduce((result, { item: { slot }, secret }) => {
    if (secret === undefined) return result;
    const name = credentialsVolume(slot);
    // 0444, because the fetch container is not root and fsGroup is not set.
    const volume = { name, secret: { secretName: secret, defaultMode: 0o444 } };
    const mount = { name, mountPath: credentialsDirectory(slot), readOnly: true };
    return withPodSpec(result, (spec) => ({
      ...spec,
      volumes: upsert(spec.volumes, volume, ({ name: other }) => other),
      initContainers: (spec.initContainers ?? []).map((container) =>
        container.name === FETCH_CONTAINER ? mounted(container, mount) : container,
      ),
    }));
  }, job);
