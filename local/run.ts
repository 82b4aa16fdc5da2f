import { execa } from 'execa';
import { LocalError } from './errors.ts';

export type RunOptions = {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Milliseconds; 15 minutes by default. */
  timeout?: number;
  /** File that receives the output as well. */
  log?: string;
};

/** Prefix of a long command: the kernel ends it with the program that started it, even when that one is killed. */
export const tied = ['setpriv', '--pdeathsig', 'KILL'];

/** Output of a command, whether it succeeded or not. */
export type RunResult = { ok: boolean; stdout: string; stderr: string };

/** Runs a command; a failure is a value. */
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

/** Polls until `probe` returns true. `what` follows "waiting for" in the error. */
export async function waitFor(what: string, probe: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await probe())) {
    if (Date.now() > deadline)
      throw new LocalError(
        'TimedOut',
        `timed out after ${seconds} s waiting for ${what}; see \`make status\` and .local/logs, or start over with \`make down up\``,
      );
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
