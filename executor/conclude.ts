import { writeFileSync } from 'node:fs';
import { EXIT, formatTerminationMessage, type Report } from '#api/contract/report.ts';
import type { Log } from './log/log.ts';
import type { Redactor } from './log/redactor.ts';
import { describeUse } from './use.ts';

type Deps = { log: Log; redactor: Redactor; terminationLog: string };

/**
 * The last thing that a program does: the last line of the log, the termination message, the exit code.
 * Never throws: what Node prints of an uncaught error is not redacted.
 */
export function conclude(deps: Deps, facts: Report): number {
  try {
    return report(deps, facts);
  } catch {
    return lastResort(deps.terminationLog, facts.step);
  }
}

/** The message is written in place: /dev/termination-log is a mounted file. */
function report(deps: Deps, facts: Report): number {
  const clean = { ...facts, message: deps.redactor.redact(facts.message) };
  const use = describeUse();
  if (use) deps.log.note(use);
  deps.log.result(facts.reason, clean.message);
  try {
    writeFileSync(deps.terminationLog, formatTerminationMessage(clean, deps.log.tail()));
  } catch (error) {
    deps.log.note(`the report could not be written to ${deps.terminationLog}: ${(error as Error).message}`);
  }
  return EXIT[facts.reason].code;
}

/** A fixed sentence for when the report itself failed: the error could quote a secret. */
function lastResort(terminationLog: string, step: Report['step']): number {
  const message = "the executor crashed before it could report a reason; see the pod's log";
  try {
    writeFileSync(terminationLog, formatTerminationMessage({ step, reason: 'Internal', message }, ''));
  } catch {
    // The exit code still says it.
  }
  return EXIT.Internal.code;
}
