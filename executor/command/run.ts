import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type Log, lastLines } from '../log/log.ts';
import { createLineRedactor, type Redactor } from '../log/redactor.ts';

/** How a command ended: a failure is a value with the same fields as a success. Text is redacted. */
export type Outcome = {
  ok: boolean;
  code: number | undefined;
  signal: string | undefined;
  /** Why the executor ended it: its deadline passed, or `abort` fired. */
  ended: 'timeout' | 'aborted' | undefined;
  /** The end of standard output and standard error, in the order of arrival. */
  output: string;
  stdout: string;
  stderr: string;
};

type Command = {
  argv: [string, ...string[]];
  env: Record<string, string>;
  cwd: string;
  timeoutMs: number;
  /** Ends the command early, with its whole process group. */
  abort: AbortSignal;
  /** Keeps lines out of the log; by default they go there as they come. */
  quiet?: boolean;
  /** Its standard input; nothing by default. */
  input?: string;
  /** Keep all of standard output, up to this many bytes: for output that is data, which isn't redacted. */
  dataLimit?: number;
  /**
   * Called when the command has ended, with what it wrote, before anything of it is redacted and logged: it adds to the
   * redactor what this command may have printed. Its answer says whether the output may be shown.
   */
  learn?: (output: string) => Promise<boolean>;
};

/** Kept of each stream for classifying an error and for the report. */
const KEPT = 16 * 1024;
/** Kept of each stream of a command whose output waits for its end. */
const HELD = 256 * 1024;
const WITHHELD =
  '(withheld: it may hold values of Secrets, and which those are could not be read from the target)\n';
/** Of a longer line the middle is left out: an error says first what it is about, and last why. */
const LINE = 4 * 1024;
const withoutMiddle = (line: string) =>
  line.length <= LINE ? line : `${line.slice(0, LINE / 2)} … ${line.slice(-LINE / 2)}`;
/** A tool that was asked to stop has this long to record that it was. */
const GRACE_MS = 3000;
/** After a command's exit its group has this long to end by itself; the pipes then have as long to end. */
const DRAIN_MS = 250;

export type Run = (command: Command) => Promise<Outcome>;

/**
 * Runs an argv in a process group of its own, so that what it started ends with it. Never a shell line.
 * This is node's own spawn: execa takes longer to import than most of our commands take to run.
 */
export function createRun(deps: { log: Log; redactor: Redactor }): Run {
  return (command) =>
    new Promise((resolve) => {
      const { argv, env, cwd, input } = command;
      const stdio = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'];
      const child = spawn(argv[0], argv.slice(1), { env, cwd, detached: true, stdio }) as Child;
      // A command that ends without reading it says why itself.
      child.stdin?.on('error', () => undefined).end(input);
      const output = command.learn ? hold(child, command, deps) : collect(child, command, deps);
      const end = endWith(child, command);
      let finished = false;
      const finish = async (code: number | null, signal: string | null, error?: Error) => {
        if (finished) return;
        finished = true;
        const ended = end.finish();
        const texts = await output(error && `${argv[0]}: ${error.message}\n`);
        const ok = code === 0 && ended === undefined;
        resolve({ ok, code: code ?? undefined, signal: signal ?? undefined, ended, ...texts });
      };
      child.on('error', (error) => finish(null, null, error));
      child.on('exit', end.drain);
      child.on('close', (code, signal) => finish(code, signal));
    });
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/**
 * Follows both streams line by line. The answer gives what was kept of them; `instead` stands for the output of a command
 * that could not be started.
 */
function collect(
  child: Child,
  { quiet = false, dataLimit = 0 }: Command,
  { log, redactor }: { log: Log; redactor: Redactor },
): (instead?: string) => Pick<Outcome, 'output' | 'stdout' | 'stderr'> {
  const kept = { output: '', stdout: '', stderr: '' };
  const follow = (stream: 'stdout' | 'stderr') => {
    const lines = createLineRedactor(redactor, (line) => {
      if (!quiet) log.output(line);
      const short = withoutMiddle(line);
      kept[stream] = `${kept[stream]}${short}\n`.slice(-KEPT);
      kept.output = `${kept.output}${short}\n`.slice(-KEPT);
    });
    child[stream].setEncoding('utf8');
    child[stream].on('data', lines.write);
    return lines.end;
  };
  let data = '';
  const lastLines = [follow('stderr')];
  if (dataLimit > 0) {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (data.length <= dataLimit) data += chunk;
    });
  } else lastLines.push(follow('stdout'));
  return (instead) => {
    for (const endLine of lastLines) endLine();
    if (instead !== undefined) kept.stderr = kept.output = instead;
    return { ...kept, ...(dataLimit > 0 ? { stdout: data } : {}) };
  };
}

/** Keeps both streams back until it is known what in them is secret. */
function hold(
  child: Child,
  { quiet = false, learn = async () => true }: Command,
  { log, redactor }: { log: Log; redactor: Redactor },
): (instead?: string) => Promise<Pick<Outcome, 'output' | 'stdout' | 'stderr'>> {
  const held = { output: '', stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      held[stream] = lastLines(held[stream] + chunk, HELD);
      held.output = lastLines(held.output + chunk, HELD);
    });
  }
  return async (instead) => {
    if (instead !== undefined) held.stderr = held.output = instead;
    const mayShow = await learn(held.output);
    const clean = (text: string) => (mayShow || text === '' ? redactor.redact(text) : WITHHELD);
    for (const line of clean(held.output).split(/\r?\n|\r/)) {
      if (line !== '' && !quiet) log.output(line);
    }
    const end = (text: string) => clean(text).slice(-KEPT);
    return { output: end(held.output), stdout: end(held.stdout), stderr: end(held.stderr) };
  };
}

/** Ends a command that takes too long or whose work is aborted, and all that it has started when it has ended. */
function endWith(child: Child, { timeoutMs, abort }: Command) {
  let ended: Outcome['ended'];
  let next: NodeJS.Timeout | undefined;
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  const end = (why: NonNullable<Outcome['ended']>) => {
    if (ended) return;
    ended = why;
    signalGroup('SIGTERM');
    next = setTimeout(() => signalGroup('SIGKILL'), GRACE_MS);
  };
  const deadline = setTimeout(() => end('timeout'), timeoutMs);
  const onAbort = () => end('aborted');
  abort.addEventListener('abort', onAbort, { once: true });
  if (abort.aborted) onAbort();
  const clear = () => {
    clearTimeout(deadline);
    clearTimeout(next);
    abort.removeEventListener('abort', onAbort);
  };
  return {
    /** The command has exited. A background process may keep the pipes open: first the group goes, then the pipes, which
     * a process that has left the group would hold for ever. */
    drain() {
      clear();
      next = setTimeout(() => {
        signalGroup('SIGKILL');
        next = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, DRAIN_MS);
      }, DRAIN_MS);
    },
    /** All is read. Whatever the command left in the background must not outlive it. */
    finish(): Outcome['ended'] {
      clear();
      signalGroup('SIGKILL');
      return ended;
    },
  };
}
