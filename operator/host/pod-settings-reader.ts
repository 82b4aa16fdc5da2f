import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import type { Log } from '#kube/log.ts';
import { configMaps } from '#kube/resources.ts';
import { cached } from '#kube/ttl-cache.ts';
import { NO_POD_SETTINGS, type PodSettings, parsePodSettings } from './pod-settings.ts';

/** The administrator creates it; without it there are no settings. */
export const CONFIG_MAP = 'pinion-pod-settings';
/** New settings take effect after this time at the latest. */
const TTL_MS = 5_000;

/** Reads the settings, at most once in 5 s. @throws ReasonedError `InvalidPodSettings`; ApiError */
export type ReadPodSettings = () => Promise<PodSettings>;

/** A reader that keeps the last valid settings while newer ones are invalid, and logs what is wrong with those. */
export function createPodSettingsReader({
  client,
  clock,
  log,
  namespace,
}: {
  client: KubeClient;
  clock: Clock;
  log: Log;
  namespace: string;
}): ReadPodSettings {
  let last: { version: string | undefined; settings?: PodSettings } = { version: '' };
  return cached({ clock, ttlMs: TTL_MS }, async () => {
    const found = await ignoreNotFound(client.get(configMaps, { namespace, name: CONFIG_MAP }));
    const version = found?.metadata.resourceVersion;
    try {
      const settings = found ? parsePodSettings(found.data ?? {}, nameOf(namespace)) : NO_POD_SETTINGS;
      if (last.version !== version) log.info({ settings }, 'pod settings read');
      last = { version, settings };
      return settings;
    } catch (error) {
      if (last.version !== version)
        log.error({ error: (error as Error).message }, 'pod settings are invalid');
      last = { ...last, version };
      if (last.settings) return last.settings;
      throw error;
    }
  });
}

const nameOf = (namespace: string) => `ConfigMap ${namespace}/${CONFIG_MAP}`;
