import * as z from 'zod/mini';

/**
 * Why an executor ended. The exit code names the cause, and `retry` says whether another attempt can succeed:
 * the Job's podFailurePolicy and the operator both read this table.
 */
export const EXIT = {
  Succeeded: { code: 0, retry: false },
  Internal: { code: 1, retry: true },
  Usage: { code: 2, retry: false },
  SourceInvalid: { code: 10, retry: false },
  SourceUnavailable: { code: 11, retry: true },
  SourceRefused: { code: 12, retry: false },
  RenderFailed: { code: 20, retry: false },
  ApplyRejected: { code: 30, retry: false },
  ApplyFailed: { code: 31, retry: true },
  TargetUnreachable: { code: 32, retry: true },
  LeaseHeld: { code: 33, retry: true },
  /** Another pod has the same credentials: the operator makes another Job once the target takes the newest ones. */
  TargetUnauthorized: { code: 34, retry: false },
  HookFailed: { code: 35, retry: false },
  ObjectOwnedByPlugin: { code: 36, retry: false },
  InstallTimeout: { code: 40, retry: false },
  VerifyTimeout: { code: 41, retry: false },
  /** A tool was killed for its memory; and how Node ends when its own is used up. */
  OOMKilled: { code: 134, retry: false },
  Terminated: { code: 143, retry: true },
} as const;
export type ExitReason = keyof typeof EXIT;

const reasons = Object.keys(EXIT) as [ExitReason, ...ExitReason[]];

/** What 134 becomes where the program is process 1 of its container, which no abort signal ends. */
const ABORTED_AS_FIRST = 139;

/** Exit codes after which no retry helps, for the Job's podFailurePolicy (1–255, no zero, sorted). */
export const TERMINAL_EXIT_CODES: number[] = Object.values(EXIT)
  .filter(({ code, retry }) => code !== 0 && !retry)
  .map(({ code }): number => code)
  .concat(ABORTED_AS_FIRST)
  .sort((a, b) => a - b);

/** The first line of the termination message: at most 1,024 bytes of JSON. */
export const report = z.object({
  step: z.enum(['fetch', 'install', 'verify', 'report']),
  reason: z.enum(reasons),
  /** For people: what was found and what to do. Redacted. */
  message: z.string(),
  digest: z.optional(z.string()),
  revision: z.optional(z.int()),
  chartVersion: z.optional(z.string()),
  verified: z.optional(z.enum(['Yes', 'No', 'NotAsked'])),
  /**
   * Which of the order's former places, by their index, still hold something. `shared`: the release there lists objects
   * that the plugin has now, so it must not be uninstalled.
   */
  former: z.optional(z.array(z.object({ at: z.int(), shared: z.boolean() }))),
  /** Objects that the plugin no longer has and that are still in the target: how many, and the names of some. */
  left: z.optional(z.object({ count: z.int(), objects: z.array(z.string()) })),
});
export type Report = z.infer<typeof report>;

export const REPORT_LIMITS = { facts: 1024, total: 2048 } as const;

/** Reads a termination message; undefined when its first line is not a report (a pod that was killed, say). */
export function parseTerminationMessage(
  text: string | undefined,
): { report: Report; tail: string } | undefined {
  if (!text) return undefined;
  const end = text.indexOf('\n');
  const first = end < 0 ? text : text.slice(0, end);
  try {
    const parsed = report.safeParse(JSON.parse(first));
    return parsed.success ? { report: parsed.data, tail: end < 0 ? '' : text.slice(end + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a termination message: the facts, then as much of the transcript's end as fits. The limits are in bytes. */
export function formatTerminationMessage(facts: Report, transcript: string): string {
  let line = JSON.stringify(facts);
  let kept = facts.message.length;
  while (Buffer.byteLength(line) > REPORT_LIMITS.facts && kept > 0) {
    kept = Math.floor(kept * 0.9) - 1;
    line = JSON.stringify({ ...facts, message: withoutMiddle(facts.message, kept) });
  }
  const room = REPORT_LIMITS.total - Buffer.byteLength(line) - 1;
  const tail = Buffer.from(transcript).subarray(-Math.max(room, 0)).toString('utf8').replace(/^�+/, '');
  return `${line}\n${room > 0 ? tail : ''}`;
}

/** What a message is about stands at its begin, the cause and what to do at its end. Never half of a surrogate pair. */
function withoutMiddle(message: string, kept: number): string {
  const head = Math.ceil(Math.max(kept, 0) * 0.55);
  const begin = message.slice(0, head).replace(/[\uD800-\uDBFF]$/, '');
  const end = message.slice(message.length - (Math.max(kept, 0) - head)).replace(/^[\uDC00-\uDFFF]/, '');
  return kept > head ? `${begin} … ${end}` : '…';
}
