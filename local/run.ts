import { execa } from 'execa';
import { LocalError } from './errors.ts';

export type RunOptions = {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Milliseconds; 15 minutes unless given. */
  timeout?: number;
  /** File that receives the output as well. */
  log?: string;
};

/** Put before a long command: it ends with the program that started it, even when that one is killed. */
export const tied = ['setpriv', '--pdeathsig', 'KILL'];

/** Output of a command, whether it succeeded or not. */
export type RunResult = { ok: boolean; stdout: string; stderr: string };

/** Runs a command and gives back its outcome as a value. */
export async function attempt(argv: string[], options: RunOptions = {}): Promise<RunResult> {
  const [file = '', ...args] = argv;
  const { log, timeout = 900_000, ...rest } = options;
  const result = await execa(file, args, {
    ...rest,
    timeout,
    reject: false,
    ...(log === undefined
      ? {}
      : { stdout: ['pipe', { file: log }] as const, stderr: ['pipe', { file: log }] as const }),
  });
  return {
    ok: !result.failed,
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? '') || (result.failed ? (result.shortMessage ?? '') : ''),
  };
}

/** Runs a command and returns its output; a failure is an error with the end of what it printed. */
export async function run(argv: string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(argv, options);
  if (result.ok) return result.stdout;
  const tail = (result.stderr || result.stdout).split('\n').slice(-15).join('\n');
  const where = options.log === undefined ? '' : `\nwhole output: ${options.log}`;
  throw new LocalError('CommandFailed', `${argv.join(' ').slice(0, 300)} failed:\n${tail}${where}`);
}

/** Waits until `probe` gives true. `what` names it in the error. */
export async function waitFor(what: string, probe: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await probe())) {
    if (Date.now() > deadline)
      throw new LocalError(
        'TimedOut',
        `${what} did not happen within ${seconds} s; \`make status\` and .local/logs tell more, \`make down up\` starts afresh`,
      );
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
