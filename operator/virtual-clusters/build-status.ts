import { canonicalJson } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { type Condition, STORAGE_PRESSURE, type VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Findings } from './findings.ts';

const MESSAGE_LIMIT = 4096;
const NO_PRESSURE = { reason: 'EtcdHasRoom', message: 'etcd has room' };

/** The whole status from an assessment; times change only when what they are about does. */
export function buildStatus(
  { metadata, status: before }: VirtualCluster,
  now: number,
  found: Findings,
): VirtualClusterStatus {
  const { assessment, plugins, nodes, controlPlane, equippedAt } = found;
  const { phase, reason } = assessment;
  // A message may quote what a user wrote, at any length; one that is too long would keep all of the status away.
  const message = assessment.message.slice(0, MESSAGE_LIMIT);
  const time = new Date(now).toISOString();
  const condition = (type: string, holds: boolean): Condition => {
    const status = holds ? 'True' : 'False';
    const old = before?.conditions?.find((one) => one.type === type);
    return {
      type,
      status,
      reason,
      message,
      observedGeneration: metadata.generation ?? 0,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : time,
    };
  };
  const pressureCondition = (pressure: Findings['pressure']): Condition[] => {
    const old = before?.conditions?.filter((one) => one.type === STORAGE_PRESSURE) ?? [];
    if (pressure === undefined) return old;
    const { reason, message } = pressure ?? NO_PRESSURE;
    return [{ ...condition(STORAGE_PRESSURE, pressure !== null), reason, message }];
  };
  const installed = plugins.filter((plugin) => plugin.phase === 'Installed').length;
  const readyNodes = nodes?.filter(({ phase }) => phase === 'Ready').length;
  const { nodes: _, nodesReady: __, ...kept } = before ?? {};
  return {
    ...kept,
    ...controlPlane,
    ...(equippedAt !== undefined && { equippedAt }),
    phase,
    reason,
    updateTime: before?.phase === phase ? (before.updateTime ?? time) : time,
    observedGeneration: metadata.generation ?? 0,
    conditions: [
      condition('Ready', assessment.ready),
      condition('Reconciling', assessment.reconciling),
      condition('Stalled', assessment.stalled),
      ...pressureCondition(found.pressure),
    ],
    pluginsReady: `${installed}/${plugins.length}`,
    plugins,
    ...(nodes && { nodes, nodesReady: `${readyNodes}/${nodes.length}` }),
  };
}

/** The merge patch that makes the status so, on the very version that it was decided on: else a conflict. */
export function statusPatch(
  { metadata, status: before }: VirtualCluster,
  after: VirtualClusterStatus,
): object {
  const { resourceVersion } = metadata;
  const gone = Object.keys(before ?? {}).filter((key) => !(key in after));
  const removed = Object.fromEntries(gone.map((key) => [key, null]));
  return { metadata: { resourceVersion }, status: { ...removed, ...after } };
}

export const isSameStatus = (a: VirtualClusterStatus | undefined, b: VirtualClusterStatus) =>
  canonicalJson(a ?? {}) === canonicalJson(b);
