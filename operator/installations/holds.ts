import { dependencyNotReady } from './hold-dependency.ts';
import type { Hold, HoldInput } from './hold-input.ts';
import { releaseNameTaken } from './hold-release-name.ts';

type Check = (input: HoldInput) => Hold | undefined;

const suspended: Check = ({ cluster }) =>
  cluster.spec.suspend
    ? {
        reason: 'Suspended',
        message: 'spec.suspend of the VirtualCluster is true; set it to false to continue',
      }
    : undefined;

const targetUnavailable: Check = ({ targetProblem }) => targetProblem;

const injectionBackoff: Check = ({ injectionWaitMs }) =>
  injectionWaitMs > 0
    ? {
        reason: 'WebhookUnavailable',
        message: 'the last Job was admitted without the webhook; the next one is created within 30 s',
        requeueAfterMs: injectionWaitMs,
      }
    : undefined;

const SLOT_RETRY_MS = 5_000;

/** The plugin waits for its turn: nothing is wrong with it. */
const noFreeSlot: Check = ({ slots: { taken, limit } }) =>
  taken >= limit
    ? {
        reason: WAITING_FOR_SLOT,
        message: `${taken} executor Jobs of this cluster are running, the most that spec.pluginSet.maxConcurrent allows; this plugin starts when one of them ends`,
        // One that was about to start may have failed to.
        requeueAfterMs: SLOT_RETRY_MS,
      }
    : undefined;

export const WAITING_FOR_SLOT = 'WaitingForSlot';

/** The reasons that keep an action back, in the order in which they are checked: the first that applies counts. */
const HOLDS: readonly Check[] = [
  suspended,
  targetUnavailable,
  injectionBackoff,
  releaseNameTaken,
  dependencyNotReady,
  noFreeSlot,
];

/** The first reason that applies. Pure. */
export function firstHold(input: HoldInput): Hold | undefined {
  for (const check of HOLDS) {
    const hold = check(input);
    if (hold) return hold;
  }
  return undefined;
}
