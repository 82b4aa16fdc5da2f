import { execFile } from 'node:child_process';
import { ReasonedError } from '#api/errors.ts';

export type Ran = { ok: boolean; stdout: string; stderr: string };

const DEADLINE_MS = 60_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Runs a program; failure is a value. */
export function tryRun([file, ...args]: [string, ...string[]], input?: string): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const options = { timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT };
  const child = execFile(file, args, options, (error, stdout, stderr) => {
    resolve({ ok: error === null, stdout, stderr: stderr || (error?.message ?? '') });
  });
  child.stdin?.on('error', () => undefined); // the program may end before it has read everything
  child.stdin?.end(input);
  return promise;
}

export type Runner = typeof tryRun;

/** Runs a program that must succeed. @returns its output @throws ReasonedError `CommandFailed` */
export async function run(
  argv: [string, ...string[]],
  { input, runner = tryRun }: { input?: string; runner?: Runner } = {},
): Promise<string> {
  const { ok, stdout, stderr } = await runner(argv, input);
  if (!ok) throw new ReasonedError('CommandFailed', `${argv.join(' ')}: ${stderr.trim().slice(-800)}`);
  return stdout;
}
