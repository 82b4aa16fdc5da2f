import { canonicalJson } from '#api/contract/names.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { isStep } from './status.ts';

/** Most Jobs have ended by then: which step they were at is a write that nobody reads. */
const QUIET_MS = 10_000;

/** In how many milliseconds (0: now) a status has to be written that may only say which step a young Job is at. */
export function stepDelayMs(
  before: PluginInstallationStatus | undefined,
  after: PluginInstallationStatus,
  now: number,
): number {
  const isOnlyStep =
    before !== undefined &&
    isStep(before.reason) &&
    isStep(after.reason) &&
    canonicalJson(withoutStep(before)) === canonicalJson(withoutStep(after));
  if (!isOnlyStep) return 0;
  const age = now - Date.parse(after.startTime ?? '');
  return age >= 0 ? Math.max(0, QUIET_MS - age) : 0;
}

/** Conditions repeat phase, reason and message. */
const withoutStep = ({
  reason: _,
  message: __,
  attempts: ___,
  conditions: ____,
  ...rest
}: PluginInstallationStatus) => rest;
