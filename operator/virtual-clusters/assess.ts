import type { Phase } from '#api/kinds/virtualcluster.ts';
import type { Stage } from '#operator/access/stage.ts';
import { WAITING_FOR_DEPENDENCY } from '#operator/installations/dependencies.ts';
import type { PluginPlan } from '#operator/installations/observation.ts';

/** What is said of a cluster: phase and the three conditions after kstatus. */
export type Assessment = {
  phase: Phase;
  reason: string;
  message: string;
  ready: boolean;
  reconciling: boolean;
  stalled: boolean;
};

type Part = Pick<PluginPlan, 'status' | 'progress'>;

/** Judges a cluster from what is, never from what was: pure and total. */
export function assess(stage: Stage, parts: readonly Part[], suspended: boolean): Assessment {
  const judged = assessRunning(stage, parts);
  if (!suspended || judged.ready) return judged;
  const message = 'spec.suspend is true: nothing is started; what runs goes on';
  return { ...judged, reason: 'Suspended', message, reconciling: false };
}

const PHASE = {
  pending: 'Pending',
  preparing: 'Preparing',
  initialized: 'Initialized',
  updating: 'Updating',
} as const satisfies Record<Exclude<Stage['kind'], 'ready'>, Phase>;

function assessRunning(stage: Stage, parts: readonly Part[]): Assessment {
  switch (stage.kind) {
    case 'pending':
    case 'preparing':
    case 'initialized':
    case 'updating': {
      const { kind, problem, terminal = false } = stage;
      return { phase: PHASE[kind], ...problem, ready: false, reconciling: !terminal, stalled: terminal };
    }
    case 'ready':
      return assessPlugins(parts);
  }
}

function assessPlugins(parts: readonly Part[]): Assessment {
  const of = (progress: Part['progress']) => parts.filter((part) => part.progress === progress);
  const [installed, failed, working, waiting] = [of('installed'), of('failed'), of('working'), of('waiting')];
  const count = `${installed.length} of ${parts.length} plugins are installed`;
  if (installed.length === parts.length) {
    const message = parts.length === 0 ? 'no plugins are asked for' : count;
    return {
      phase: 'Completed',
      reason: 'Completed',
      message,
      ready: true,
      reconciling: false,
      stalled: false,
    };
  }
  const stuck = waiting.filter(({ status }) => status.reason !== WAITING_FOR_DEPENDENCY);
  const [worst] = [...failed, ...stuck, ...working.filter(isBlocked)];
  const message = [count, ...[...failed, ...waiting, ...working].map(tell)].join('; ').slice(0, 4096);
  const reason = worst?.status.reason ?? 'InstallingPlugins';
  if (failed.length > 0 && working.length === 0) {
    return { phase: 'Failed', reason, message, ready: false, reconciling: false, stalled: true };
  }
  // What was judged before is installed already: it is being changed.
  const updating = [...working, ...waiting].some(
    ({ status }) => status.verified !== undefined && status.verified !== 'No',
  );
  const phase = updating ? 'Updating' : 'AllNodeReady';
  return { phase, reason, message, ready: false, reconciling: true, stalled: false };
}

/** Its pod is kept from starting. */
const isBlocked = ({ status }: Part) => status.phase === 'Pending';

export const firstLine = (text = '') => text.split('\n', 1)[0] ?? '';

function tell({ status, progress }: Part): string {
  const { name, reason, message } = status;
  if (progress === 'working' && status.phase !== 'Pending') return `plugin ${name} is being installed`;
  // The output that follows the first line stays with the plugin.
  return `plugin ${name}: ${reason}: ${firstLine(message)}`;
}
