import type { PluginInstallation } from '#api/kinds/objects.ts';
import {
  HISTORY_LIMIT,
  type HistoryEntry,
  type PluginInstallationStatus,
} from '#api/kinds/plugininstallation.ts';
import type { Condition } from '#api/kinds/virtualcluster.ts';
import { setCondition } from '#kube/conditions.ts';
import type { Subject } from './installation-writer.ts';
import { type PlannedStatus, type Progress, progressOf } from './observation.ts';
import { firstLine } from './status.ts';

const HISTORY_MESSAGE_LIMIT = 256;

/** The whole status from what a plan says; times change only when what they are about does. */
export function buildStatus(
  { metadata, status: before }: PluginInstallation,
  { cluster, plugin }: Subject,
  planned: PlannedStatus,
  now: number,
): PluginInstallationStatus {
  const generation = metadata.generation ?? 0;
  const pluginGeneration = plugin?.metadata.generation;
  return {
    ...planned,
    observedGeneration: generation,
    observedClusterGeneration: cluster.metadata.generation ?? 0,
    ...(pluginGeneration !== undefined && { observedPluginGeneration: pluginGeneration }),
    conditions: conditionsOf(before?.conditions ?? [], planned, generation, now),
    ...historyOf(before?.history ?? [], planned),
  };
}

const CONDITIONS = {
  waiting: { Ready: 'False', Reconciling: 'True', Stalled: 'False' },
  working: { Ready: 'False', Reconciling: 'True', Stalled: 'False' },
  installed: { Ready: 'True', Reconciling: 'False', Stalled: 'False' },
  resting: { Ready: 'False', Reconciling: 'True', Stalled: 'False' },
  failed: { Ready: 'False', Reconciling: 'False', Stalled: 'True' },
} as const satisfies Record<Progress, Record<string, Condition['status']>>;

/** Nothing is wanted of what is left in the target, and nothing is being done about it. */
const ORPHANED = { Ready: 'False', Reconciling: 'False', Stalled: 'False' } as const;

function conditionsOf(
  before: readonly Condition[],
  planned: PlannedStatus,
  observedGeneration: number,
  now: number,
): Condition[] {
  const { phase = 'Pending', reason = phase, message = '' } = planned;
  const statuses = phase === 'Orphaned' ? ORPHANED : CONDITIONS[progressOf(planned)];
  return Object.entries(statuses).flatMap(([type, status]) => {
    const old = before.filter((condition) => condition.type === type);
    return setCondition<Condition>(old, { type, status, reason, message, observedGeneration }, now);
  });
}

/** With the action that has just ended in front. */
function historyOf(before: HistoryEntry[], planned: PlannedStatus): { history?: HistoryEntry[] } {
  const entry = endedAction(planned);
  const [last] = before;
  const isKnown = entry && last?.job === entry.job && last?.startTime === entry.startTime;
  if (entry === undefined || isKnown) return before.length > 0 ? { history: before } : {};
  const attempt = (last?.attempt ?? 0) + 1;
  return { history: [{ attempt, ...entry }, ...before].slice(0, HISTORY_LIMIT) };
}

function endedAction(planned: PlannedStatus): Omit<HistoryEntry, 'attempt'> | undefined {
  const { phase, reason, message = '', job, startTime, completionTime, installed, installing } = planned;
  const record = phase === 'Installed' ? installed : phase === 'Failed' ? installing : undefined;
  if (record === undefined || job === undefined || startTime === undefined) return undefined;
  const { targetUid: _, ...location } = record;
  return {
    action: 'install',
    reason: reason ?? phase ?? 'Installed',
    message: firstLine(message).slice(0, HISTORY_MESSAGE_LIMIT),
    job,
    startTime,
    ...(completionTime !== undefined && { completionTime }),
    ...location,
  };
}
