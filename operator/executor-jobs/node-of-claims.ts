import { namedClaims, type SlotLocation } from '#api/sources/location.ts';
import type { KubeClient } from '#kube/client.ts';
import { type Claim, claims, type Pod, pods } from '#kube/resources.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/**
 * The node of a pod that uses one of the plugin's ReadWriteOnce claims: only there can a second pod mount it.
 * undefined when nobody uses them; a local volume brings its own node, which the scheduler knows.
 */
export async function nodeOfClaims(
  { client, references }: { client: KubeClient; references: ReferenceReader },
  namespace: string,
  locations: readonly SlotLocation[],
): Promise<string | undefined> {
  const names = namedClaims(locations);
  if (names.length === 0) return undefined;
  const found = await Promise.all(names.map((name) => references.find<Claim>(claims, { namespace, name })));
  const single = new Set(found.filter(isSingleNode).map((claim) => claim?.metadata.name));
  if (single.size === 0) return undefined;
  const { items } = await client.list(pods, { namespace, fieldSelector: 'status.phase=Running' });
  return items.find((pod) => usesOneOf(pod, single))?.spec?.nodeName;
}

function isSingleNode(claim: Claim | undefined): boolean {
  const modes = claim?.spec.accessModes ?? [];
  return modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
}

const usesOneOf = ({ spec }: Pod, names: ReadonlySet<string | undefined>) =>
  (spec?.volumes ?? []).some(({ persistentVolumeClaim }) =>
    names.has(persistentVolumeClaim?.claimName ?? ''),
  );
