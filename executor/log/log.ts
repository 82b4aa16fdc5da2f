import type { Redactor } from './redactor.ts';

type StepName = 'fetch' | 'install' | 'verify' | 'report';

/** What a person reads with `kubectl logs`. Every line is redacted here, whatever wrote it. */
export type Log = {
  /** Opens a step with a banner; the function that it returns closes it with the duration. */
  step: (step: StepName, title: string) => (outcome: string) => void;
  /** An argv that is about to run. */
  command: (argv: readonly string[]) => void;
  /** A line that a tool printed, already redacted; redacting it twice does no harm. */
  output: (line: string) => void;
  note: (text: string) => void;
  /** The last line: what happened. */
  result: (reason: string, text: string) => void;
  /** The end of what was written, for the report. */
  tail: () => string;
};

/** Bytes of the transcript that are kept for the report, which has room for at most 2,048. */
const TAIL = 4096;

export function createLog(deps: {
  format: 'text' | 'json';
  redactor: Redactor;
  write: (line: string) => void;
  clock: () => number;
}): Log {
  const { format, redactor, write, clock } = deps;
  let current: StepName = 'report';
  let tail = '';
  const emit = (event: string, text: string, prefix: string, extra: Record<string, unknown> = {}) => {
    const clean = redactor.redact(text);
    const line = `${prefix}${clean}`;
    tail = lastLines(`${tail}${line}\n`, 4 * TAIL);
    if (format === 'text') write(line);
    else {
      const time = new Date(clock()).toISOString();
      write(redactor.redact(JSON.stringify({ time, step: current, event, message: clean, ...extra })));
    }
  };
  return {
    step(step, title) {
      current = step;
      const began = clock();
      emit('start', title, `==> ${step}: `);
      return (outcome) => {
        const ms = clock() - began;
        emit('end', `${outcome} (${formatMilliseconds(ms)})`, `<== ${step}: `, { durationMs: ms });
      };
    },
    command: (argv) => emit('command', argv.map(quote).join(' '), '  $ '),
    output: (line) => emit('output', line, '  | '),
    note: (text) => emit('note', text, '    '),
    result: (reason, text) => emit('result', text, `${reason}: `, { reason }),
    // Again: some secrets are known only after the first lines were written.
    tail: () => redactor.redact(tail).slice(-TAIL),
  };
}

/** The whole lines at the end of a text: a secret that is cut would not be found any more. */
export function lastLines(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.slice(-length);
  return end.slice(end.indexOf('\n') + 1);
}

/** 340 ms, 2.4 s, 3 min 5 s. */
export function formatMilliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** An argument as it would be typed in a shell; only for reading. */
const quote = (argument: string) =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
