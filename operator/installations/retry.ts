import { reasonOr } from '#api/errors.ts';
import type { PluginInstallationStatus, RetryRecord } from '#api/kinds/plugininstallation.ts';
import type { JobOutcome } from '#operator/executor-jobs/job-outcome.ts';

const MESSAGE_LIMIT = 1024;

type Failed = JobOutcome & { kind: 'failed' };

/** Less than this is not worth another Job: the time counts as over. */
const LEAST_MS = 10_000;
/** While there is time: the Job has waited between its own attempts as well. */
const SOON_MS = { first: 5_000, most: 60_000 } as const;
/** When the time is over: as often as the failure is likely to have passed. */
const LATER_MS = { each: 60_000, most: 30 * 60_000 } as const;

/** The record of a failure that may pass, if it is of this content and retry stamp. */
export const retryRecordOf = (
  { retry }: Pick<PluginInstallationStatus, 'retry'>,
  key: string,
): RetryRecord | undefined => (retry?.digest === key ? retry : undefined);

/** Milliseconds that are left of a plugin's `timeout` at a time; 0: it is over. */
export function timeLeft(startTime: string, timeoutMs: number, at: number): number {
  const left = Date.parse(startTime) + timeoutMs - at;
  return left < Math.min(LEAST_MS, timeoutMs / 2) ? 0 : left;
}

/** Since when the time of a Job counts: since the first one of its row, unless that one's time was over before. */
export function startOf(
  createdAt: string | undefined,
  retry: RetryRecord | undefined,
  timeoutMs: number,
): string | undefined {
  if (retry === undefined || createdAt === undefined) return createdAt;
  return timeLeft(retry.startTime, timeoutMs, Date.parse(createdAt)) > 0 ? retry.startTime : createdAt;
}

/** The record after one more Job has failed. */
export function afterFailure(of: {
  key: string;
  before: RetryRecord | undefined;
  outcome: Pick<Failed, 'reason' | 'message'>;
  startTime: string;
  attempts: number;
  timeoutMs: number;
  now: number;
}): RetryRecord {
  const { key, before, outcome, startTime, attempts, timeoutMs, now } = of;
  const jobs = (before?.jobs ?? 0) + 1;
  const soon = Math.min(SOON_MS.first * 2 ** (jobs - 1), SOON_MS.most);
  const later = Math.min(LATER_MS.each * jobs, LATER_MS.most);
  const pause = timeLeft(startTime, timeoutMs, now + soon) > 0 ? soon : later;
  const nextTime = new Date(now + pause).toISOString();
  const reason = reasonOr(outcome.reason, 'Refused').slice(0, 256);
  const message = outcome.message.slice(0, MESSAGE_LIMIT);
  return { digest: key, jobs, attempts, startTime, nextTime, reason, message };
}

/** What is said of it, the last lines of output after the first: while there is time, and when it is over. */
export function describeRetry(
  { attempts, message, nextTime, reason, startTime }: RetryRecord,
  { timeoutMs, now, hold }: { timeoutMs: number; now: number; hold?: { reason: string } | undefined },
): { phase: 'Installing' | 'Failed'; reason: string; message: string } {
  const [first = '', ...output] = message.split('\n');
  const lines = (text: string) => [text, ...output].join('\n');
  if (timeLeft(startTime, timeoutMs, now) > 0) {
    return { phase: 'Installing', reason, message: lines(`attempt ${attempts} failed, retrying: ${first}`) };
  }
  const next =
    hold === undefined
      ? `at ${nextTime.replace(/\.\d+Z$/, 'Z')}`
      : `once ${hold.reason === reason ? 'this' : hold.reason} has passed`;
  const over = `spec.timeout (${Math.round(timeoutMs / 1000)} s) is over; Pinion tries again ${next}`;
  return { phase: 'Failed', reason, message: lines(`${first}. ${over}`) };
}
