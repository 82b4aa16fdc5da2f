import { STORAGE_PRESSURE, type VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { findCondition } from '#kube/conditions.ts';
import type { Occurrence } from '#kube/event-recorder.ts';
import { isProgress } from '#operator/host/progress.ts';
import { firstLine } from '#operator/installations/status.ts';

/** What happened to a cluster between two statuses, as events. Its plugins have events of their own. */
export function transitions(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): Occurrence[] {
  const happened = [...givenUp(before, after), ...pressure(before, after)];
  if (before?.phase !== after.phase || before?.reason !== after.reason) {
    happened.push(...phaseTransition(before, after));
  }
  return happened;
}

/** Nothing remembers such a machine but this: it stays as the tenant left it. */
function givenUp(before: VirtualClusterStatus | undefined, after: VirtualClusterStatus): Occurrence[] {
  const old = new Set(
    (before?.nodes ?? []).filter(({ phase }) => phase === 'Failed').map(({ name }) => name),
  );
  const failed = (after.nodes ?? []).filter(({ name, phase }) => phase === 'Failed' && !old.has(name));
  return failed.map(({ name, reason, message = '' }) => ({
    type: 'Warning',
    reason: 'NodeGivenUp',
    message: `node ${name}: ${reason}: ${firstLine(message)}; reinstall the machine before the host uses it`,
  }));
}

/** A datastore that fills up, before it is full and when it is. */
function pressure(before: VirtualClusterStatus | undefined, after: VirtualClusterStatus): Occurrence[] {
  const { status, reason = '', message = '' } = findCondition({ status: after }, STORAGE_PRESSURE) ?? {};
  if (status !== 'True' || findCondition({ status: before }, STORAGE_PRESSURE)?.reason === reason) return [];
  return [{ type: 'Warning', reason, message }];
}

function phaseTransition(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): Occurrence[] {
  const { phase = 'Pending', reason = phase } = after;
  const message = after.conditions?.[0]?.message ?? '';
  const stalled = after.conditions?.find(({ type }) => type === 'Stalled')?.status === 'True';
  // Reasons that are a plugin's have an event of that plugin.
  const ofPlugin = after.plugins?.some((plugin) => plugin.reason === reason) && before?.phase === phase;
  if (ofPlugin) return [];
  return [
    {
      type: stalled || !isProgress(reason) ? 'Warning' : 'Normal',
      reason: phase === 'Completed' || phase === 'Failed' ? phase : reason,
      message: `${phase}: ${message}`,
    },
  ];
}
