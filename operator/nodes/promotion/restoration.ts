import { ANNOTATION } from '#api/contract/names.ts';
import type { Node, Taint } from '#kube/resources.ts';
import type { Kept } from './node-snapshot.ts';

const same = (a: Pick<Taint, 'key' | 'effect'>) => (b: Taint) => a.key === b.key && a.effect === b.effect;

const missing = (wanted: Record<string, string>, there: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(wanted).filter(([key]) => there[key] === undefined));

/**
 * What a host node that is back lacks of what it was: labels, annotations, taints, whether it takes pods. What its
 * kubelet has set anew stays. Undefined when nothing is missing.
 */
export function restoration(kept: Kept, node: Node): object | undefined {
  const labels = missing(kept.labels, node.metadata.labels);
  const annotations: Record<string, string | null> = missing(kept.annotations, node.metadata.annotations);
  if (node.metadata.annotations?.[ANNOTATION.heldBy] !== undefined) annotations[ANNOTATION.heldBy] = null;
  const present = node.spec?.taints ?? [];
  const lost = kept.taints.filter((taint) => !present.some(same(taint)));
  const isShut = node.spec?.unschedulable ?? false;
  const spec = {
    ...(isShut !== kept.unschedulable && { unschedulable: kept.unschedulable || null }),
    ...(lost.length > 0 && { taints: [...present, ...lost] }),
  };
  const metadata = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  if (Object.keys(spec).length + Object.keys(metadata).length === 0) return undefined;
  // A list is replaced whole: somebody else's taint of this moment is not to be lost.
  const { resourceVersion } = node.metadata;
  return { metadata: { ...metadata, ...(lost.length > 0 && { resourceVersion }) }, spec };
}
