import { ANNOTATION } from '#api/contract/names.ts';
import type { Node, Taint } from '#kube/resources.ts';
import type { NodeSnapshot } from './node-snapshot.ts';

const sameTaint = (a: Pick<Taint, 'key' | 'effect'>) => (b: Taint) =>
  a.key === b.key && a.effect === b.effect;

const missing = (wanted: Record<string, string>, present: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(wanted).filter(([key]) => present[key] === undefined));

/**
 * The patch that restores a returned host node to its snapshot: labels, annotations, taints and whether it is
 * schedulable. Values that its kubelet has set since stay.
 * @returns undefined when nothing is missing
 */
export function restoration(snapshot: NodeSnapshot, node: Node): object | undefined {
  const labels = missing(snapshot.labels, node.metadata.labels);
  const annotations: Record<string, string | null> = missing(snapshot.annotations, node.metadata.annotations);
  if (node.metadata.annotations?.[ANNOTATION.heldBy] !== undefined) annotations[ANNOTATION.heldBy] = null;
  const present = node.spec?.taints ?? [];
  const lost = snapshot.taints.filter((taint) => !present.some(sameTaint(taint)));
  const isCordoned = node.spec?.unschedulable ?? false;
  const spec = {
    ...(isCordoned !== snapshot.unschedulable && { unschedulable: snapshot.unschedulable || null }),
    ...(lost.length > 0 && { taints: [...present, ...lost] }),
  };
  const metadata = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  if (Object.keys(spec).length + Object.keys(metadata).length === 0) return undefined;
  // The patch replaces the whole list, so a taint that is added meanwhile must cause a conflict.
  const { resourceVersion } = node.metadata;
  return { metadata: { ...metadata, ...(lost.length > 0 && { resourceVersion }) }, spec };
}
