import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { failureOf, type TargetClient } from './client.ts';

type Resource = { name: string; kind: string; namespaced: boolean };

/** Finds the path of a kind's objects; asks for each group and version once. */
export type Discovery = {
  find: (apiVersion: string, kind: string) => Promise<{ resource: string; namespaced: boolean }>;
  /** Kinds were defined just now: forget what was seen, and give each a moment to show up. */
  expectNew: () => void;
};

/** An established definition is in the discovery document after about a second. */
const NEW_KIND_MS = 5000;

export function createDiscovery(client: TargetClient): Discovery {
  const known = new Map<string, Resource[]>();
  let patienceMs = 0;
  const search = async (apiVersion: string, kind: string) => {
    const resources = known.get(apiVersion) ?? (await discover(client, apiVersion));
    const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
    if (found) known.set(apiVersion, resources);
    return found;
  };
  return {
    expectNew() {
      known.clear();
      patienceMs = NEW_KIND_MS;
    },
    async find(apiVersion, kind) {
      const end = performance.now() + patienceMs;
      let found = await search(apiVersion, kind);
      while (!found && performance.now() < end) {
        known.delete(apiVersion);
        await delay(250);
        found = await search(apiVersion, kind);
      }
      if (!found) {
        throw new Failure(
          'ApplyFailed',
          `the target cluster has no kind ${kind} of ${apiVersion}; first install the plugin that provides its CustomResourceDefinition`,
        );
      }
      return { resource: found.name, namespaced: found.namespaced };
    },
  };
}

async function discover(client: TargetClient, apiVersion: string): Promise<Resource[]> {
  const answer = await client.request('GET', groupPath(apiVersion));
  if (answer.code === 404) return [];
  if (answer.code !== 200) throw failureOf(answer, `kinds of ${apiVersion}`);
  return (answer.body['resources'] ?? []) as Resource[];
}

/** `/api/v1` or `/apis/GROUP/VERSION`; the parts come from a manifest. */
export const groupPath = (apiVersion: string) =>
  apiVersion.includes('/')
    ? `/apis/${apiVersion.split('/').map(encodeURIComponent).join('/')}`
    : `/api/${encodeURIComponent(apiVersion)}`;
