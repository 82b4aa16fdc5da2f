import { writeFileSync } from 'node:fs';
import { EXIT, formatTerminationMessage, type Report } from '#api/report.ts';
import type { Log } from './log/log.ts';
import type { Redactor } from './log/redactor.ts';
import { describeUse } from './use.ts';

/**
 * The last thing that a program does: the last line of the log, the termination message, the exit code.
 * The message is written in place: /dev/termination-log is a mounted file.
 */
export function conclude(
  deps: { log: Log; redactor: Redactor; terminationLog: string },
  facts: Report,
): number {
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
