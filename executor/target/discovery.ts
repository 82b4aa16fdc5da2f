import { failureOf, type TargetClient } from './client.ts';

type Resource = { name: string; kind: string; namespaced: boolean };

/** A kind as the target serves it. */
export type Served = { apiVersion: string; resource: string; namespaced: boolean };

/** Finds the path of a kind's objects; asks for each group and version once, until a kind is not found there. */
export type Discovery = {
  /** undefined while the target has no such kind */
  find: (apiVersion: string, kind: string) => Promise<{ resource: string; namespaced: boolean } | undefined>;
  /** The kind in any version of its group, that one first; undefined when the target has no such kind now. */
  lookUp: (apiVersion: string, kind: string) => Promise<Served | undefined>;
};

export function createDiscovery(client: TargetClient): Discovery {
  const known = new Map<string, Resource[]>();
  const search = async (apiVersion: string, kind: string) => {
    const find = (resources: Resource[] = []) =>
      resources.find((one) => one.kind === kind && !one.name.includes('/'));
    const found = find(known.get(apiVersion));
    if (found) return found;
    // A definition that was applied just now adds to its group.
    const resources = await discover(client, apiVersion);
    known.set(apiVersion, resources);
    return find(resources);
  };
  return {
    async lookUp(apiVersion, kind) {
      const exact = await search(apiVersion, kind);
      if (exact) return served(apiVersion, exact);
      const [group = '', version] = apiVersion.split('/');
      for (const other of version === undefined ? [] : await versionsOf(client, group)) {
        const found = await search(other, kind);
        if (found) return served(other, found);
      }
      return undefined;
    },
    async find(apiVersion, kind) {
      const found = await search(apiVersion, kind);
      return found && { resource: found.name, namespaced: found.namespaced };
    },
  };
}

const served = (apiVersion: string, { name, namespaced }: Resource): Served => ({
  apiVersion,
  resource: name,
  namespaced,
});

/** The group's versions, as `group/version`, the preferred one first. */
async function versionsOf(client: TargetClient, group: string): Promise<string[]> {
  const answer = await client.request('GET', `/apis/${encodeURIComponent(group)}`);
  if (answer.code === 404) return [];
  if (answer.code !== 200) throw failureOf(answer, `versions of ${group}`);
  return ((answer.body['versions'] ?? []) as { groupVersion: string }[]).map(
    ({ groupVersion }) => groupVersion,
  );
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

/**
 * What identifies an object of a manifest in the target. A kind that the target does not know yet is taken for a namespaced
 * one. @param otherwise its namespace if the manifest names none
 */
export async function keyIn(
  discovery: Discovery,
  {
    apiVersion,
    kind,
    name,
    namespace,
  }: { apiVersion: string; kind: string; name: string; namespace: string | undefined },
  otherwise: string,
) {
  const found = await discovery.lookUp(apiVersion, kind);
  return { apiVersion, kind, namespace: found?.namespaced === false ? '' : (namespace ?? otherwise), name };
}

/** The path of one object. */
export const objectPath = (
  { apiVersion, resource, namespaced }: Served,
  { namespace, name }: { namespace: string; name: string },
): string =>
  [
    groupPath(apiVersion),
    ...(namespaced ? ['namespaces', encodeURIComponent(namespace)] : []),
    resource,
    encodeURIComponent(name),
  ].join('/');
