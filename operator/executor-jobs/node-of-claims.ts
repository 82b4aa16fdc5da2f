import { namedClaims, type SlotLocation } from '#api/sources/location.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { type Claim, claims, type Pod, pods } from '#kube/resources.ts';
import { TtlCache } from '#kube/ttl-cache.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/** The pods that run in a namespace. */
export type RunningPods = (namespace: string) => Promise<readonly Pod[]>;

/** Jobs of one namespace that start together share one list. */
const TTL_MS = 2_000;

export function createRunningPods({ client, clock }: { client: KubeClient; clock: Clock }): RunningPods {
  const lists = new TtlCache<readonly Pod[]>({ clock, ttlMs: TTL_MS });
  const list = async (namespace: string) =>
    (await client.list(pods, { namespace, fieldSelector: 'status.phase=Running' })).items;
  return (namespace) => lists.get(namespace, () => list(namespace));
}

/**
 * The node of a pod that uses one of the plugin's ReadWriteOnce claims: only there can a second pod mount it.
 * undefined when nobody uses them; a local volume brings its own node, which the scheduler knows.
 */
export async function nodeOfClaims(
  { runningPods, references }: { runningPods: RunningPods; references: ReferenceReader },
  namespace: string,
  locations: readonly SlotLocation[],
): Promise<string | undefined> {
  const names = namedClaims(locations);
  if (names.length === 0) return undefined;
  const found = await Promise.all(names.map((name) => references.find<Claim>(claims, { namespace, name })));
  const single = new Set(found.filter(isSingleNode).map((claim) => claim?.metadata.name));
  if (single.size === 0) return undefined;
  const running = await runningPods(namespace);
  return running.find((pod) => usesOneOf(pod, single))?.spec?.nodeName;
}

function isSingleNode(claim: Claim | undefined): boolean {
  const modes = claim?.spec.accessModes ?? [];
  return modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
}

const usesOneOf = ({ spec }: Pod, names: ReadonlySet<string | undefined>) =>
  (spec?.volumes ?? []).some(({ persistentVolumeClaim }) =>
    names.has(persistentVolumeClaim?.claimName ?? ''),
  );
