import { ANNOTATION } from '#api/contract/names.ts';
import type { Report } from '#api/contract/report.ts';
import type { Job } from '#kube/resources.ts';
import type { Attempt } from './attempt.ts';

/** How a Job that was let run stands, from its own status and its pods. */
export type JobOutcome =
  | { kind: 'running'; step?: 'fetch' | 'install' | undefined }
  | { kind: 'retrying'; failed: number; reason: string; message: string; finishedAt?: string | undefined }
  | { kind: 'succeeded'; report?: Report | undefined; finishedAt?: string | undefined }
  | {
      kind: 'failed';
      reason: string;
      message: string;
      finishedAt?: string | undefined;
      /** It may work later with nothing but another Job. */
      mayPass: boolean;
    };

/**
 * A pod's report is believed at once: the Job's own status follows it by a second or two. FailureTarget counts as
 * failed, SuccessCriteriaMet as succeeded. `attempts` are in the order of the pods' creation.
 */
export function jobOutcome(job: Job, attempts: readonly Attempt[]): JobOutcome {
  const succeeded = attempts.find((one) => one.kind === 'succeeded');
  if (succeeded) {
    const refused = reportOfOther(job, succeeded.report);
    if (refused) return { ...refused, finishedAt: succeeded.finishedAt };
    return { kind: 'succeeded', report: succeeded.report, finishedAt: succeeded.finishedAt };
  }
  const met = (...types: string[]) =>
    job.status?.conditions?.find(({ type, status }) => types.includes(type) && status === 'True');
  if (met('Complete', 'SuccessCriteriaMet')) {
    return { kind: 'succeeded', finishedAt: job.status?.completionTime };
  }
  const failures = attempts.filter((one) => one.kind === 'failed');
  const final = failures.find((one) => one.final);
  if (final) return { ...pick(final), kind: 'failed' };
  const last = failures.at(-1);
  const failed = met('Failed', 'FailureTarget');
  const running = attempts.find((one) => one.kind === 'running');
  if (last && (failed || (!running && isUsedUp(job, failures)))) return { ...pick(last), kind: 'failed' };
  if (failed) {
    return {
      kind: 'failed',
      reason: failed.reason ?? 'JobFailed',
      message: failed.message ?? 'the Job failed; its pods are gone',
      mayPass: failed.reason !== 'PodFailurePolicy',
    };
  }
  if (last && !running) {
    const { reason, message, finishedAt } = last;
    return { kind: 'retrying', failed: failures.length, reason, message, finishedAt };
  }
  return { kind: 'running', step: running?.step };
}

/** Whether the Job makes no other pod, which its status says a second or two later. */
const isUsedUp = ({ spec: { backoffLimit } }: Job, failures: readonly { disrupted: boolean }[]): boolean =>
  backoffLimit !== undefined && failures.filter(({ disrupted }) => !disrupted).length > backoffLimit;

/** What has been installed is not what the Job was made for: it must not be recorded as that. */
function reportOfOther(
  { metadata }: Job,
  report: Report | undefined,
): (JobOutcome & { kind: 'failed' }) | undefined {
  const expected = metadata.annotations?.[ANNOTATION.digest];
  if (report?.digest === undefined || expected === undefined || report.digest === expected) return undefined;
  const message = `the executor of Job ${metadata.name} reports that it has installed digest ${report.digest.slice(0, 64)}, and the Job is for ${expected}: its Secret was not the operator's; find out who may write Secrets in namespace ${metadata.namespace}, then retry`;
  return { kind: 'failed', reason: 'ReportRefused', message, mayPass: false };
}

const pick = ({ reason, message, finishedAt, mayPass }: Attempt & { kind: 'failed' }) => ({
  reason,
  message,
  finishedAt,
  mayPass,
});
