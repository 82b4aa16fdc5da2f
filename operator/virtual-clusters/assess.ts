import type { Phase } from '#api/kinds/virtualcluster.ts';
import type { Stage } from '#operator/access/stage.ts';
import { WAITING_FOR_DEPENDENCY } from '#operator/installations/hold-dependency.ts';
import { WAITING_FOR_SLOT } from '#operator/installations/holds.ts';
import { firstLine } from '#operator/installations/status.ts';
import type { Part } from './project.ts';

/** What is said of a cluster: phase and the three conditions after kstatus. */
export type Assessment = {
  phase: Phase;
  reason: string;
  message: string;
  ready: boolean;
  reconciling: boolean;
  stalled: boolean;
};

/** What to say of a cluster: pure and total. */
export function assess(stage: Stage, parts: readonly Part[], suspended: boolean): Assessment {
  const judged = assessRunning(stage, parts);
  if (!suspended || judged.ready) return judged;
  const message = 'spec.suspend is true: nothing new starts; running Jobs continue';
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

/** The target of an existing cluster does not answer: it is as if it were being prepared. */
const TARGET_REASONS: readonly (string | undefined)[] = [
  'TargetUnreachable',
  'TargetNotReady',
  'TargetUnauthorized',
];

/** Such a plugin waits for its turn: nothing is wrong with it. */
const TURN_REASONS: readonly (string | undefined)[] = [WAITING_FOR_DEPENDENCY, WAITING_FOR_SLOT];

function assessPlugins(parts: readonly Part[]): Assessment {
  const of = (progress: Part['progress']) => parts.filter((part) => part.progress === progress);
  const [installed, stalled, working] = [of('installed'), of('failed'), of('working')];
  const failed = [...stalled, ...of('resting')];
  const waiting = [...of('waiting'), ...of('unobserved')];
  const count = `${installed.length} of ${parts.length} plugins are installed`;
  if (installed.length === parts.length) {
    const message = parts.length === 0 ? 'the plugin set is empty' : count;
    const done = { ready: true, reconciling: false, stalled: false };
    return { phase: 'Completed', reason: 'Completed', message, ...done };
  }
  const unreachable = [...of('waiting'), ...working].find(({ entry }) =>
    TARGET_REASONS.includes(entry.reason),
  );
  if (unreachable) {
    const { reason = '', message = '' } = unreachable.entry;
    return { phase: 'Preparing', reason, message, ready: false, reconciling: true, stalled: false };
  }
  const stuck = of('waiting').filter(({ entry }) => !TURN_REASONS.includes(entry.reason));
  const [worst] = [...failed, ...stuck, ...working.filter(isInTrouble)];
  const message = [count, ...[...failed, ...waiting, ...working].map(tell)].join('; ').slice(0, 4096);
  const reason = worst?.entry.reason ?? 'InstallingPlugins';
  if (failed.length > 0 && working.length === 0) {
    const isStalled = stalled.length > 0;
    return { phase: 'Failed', reason, message, ready: false, reconciling: !isStalled, stalled: isStalled };
  }
  const updating = [...working, ...waiting].some(({ wasInstalled }) => wasInstalled);
  const phase = updating ? 'Updating' : 'AllNodeReady';
  return { phase, reason, message, ready: false, reconciling: true, stalled: false };
}

/** Something keeps its pod from starting, or an attempt has failed. */
const isInTrouble = ({ entry: { phase, message = '' } }: Part) =>
  phase === 'Pending' || message.startsWith('attempt ');

function tell(part: Part): string {
  const { entry, progress } = part;
  const { name, reason, message } = entry;
  if (progress === 'unobserved') return `plugin ${name} is being checked`;
  if (progress === 'working' && !isInTrouble(part)) return `plugin ${name} is being installed`;
  // The output that follows the first line stays with the plugin.
  return `plugin ${name}: ${reason}: ${firstLine(message)}`;
}
