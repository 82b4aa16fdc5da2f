import { Failure } from '../failure.ts';
import { failureOf, type TargetClient } from './client.ts';

type Resource = { name: string; kind: string; namespaced: boolean };

/** Finds the path of a kind's objects; asks for each group and version once. */
export type Discovery = {
  find: (apiVersion: string, kind: string) => Promise<{ resource: string; namespaced: boolean }>;
  forget: () => void;
};

export function createDiscovery(client: TargetClient): Discovery {
  const known = new Map<string, Resource[]>();
  return {
    forget: () => known.clear(),
    async find(apiVersion, kind) {
      const resources = known.get(apiVersion) ?? (await discover(client, apiVersion));
      if (resources.length > 0) known.set(apiVersion, resources);
      const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
      if (!found) {
        throw new Failure(
          'ApplyFailed',
          `the target knows no kind ${kind} of ${apiVersion}; install the plugin that brings its CustomResourceDefinition first`,
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
