import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../log/log.ts';
import { createRedactor } from '../log/redactor.ts';
import { createRun, type Outcome } from './run.ts';

type More = {
  timeoutMs?: number;
  abort?: AbortSignal;
  dataLimit?: number;
  learn?: (add: (secret: string) => void) => boolean;
};

/** Runs a line of shell; what it leaves behind on purpose has printed its process id. */
async function sh(
  line: string,
  { learn, ...more }: More = {},
  onLine: (line: string) => void = () => undefined,
) {
  const redactor = createRedactor();
  const log = createLog({ format: 'text', redactor, clock: Date.now, write: onLine });
  const outcome = await createRun({ log, redactor })({
    argv: ['/bin/sh', '-c', line],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: '/tmp',
    timeoutMs: 60_000,
    abort: new AbortController().signal,
    ...more,
    ...(learn && { learn: async () => learn(redactor.add) }),
  });
  for (const [, pid] of outcome.stdout.matchAll(/^left (\d+)$/gm)) {
    onTestFinished(() => void process.kill(Number(pid)));
  }
  return outcome;
}

/** Leaves a process in a session of its own, so in no group of ours, that holds the pipes; it is there when this ends. */
const LEAVE = `f=$(mktemp); setsid sh -c 'echo left $$; echo yes > $0; exec sleep 60' "$f" &
until [ -s "$f" ]; do sleep 0.02; done; rm "$f"`;

/** Of a process; undefined when it is gone or only its entry is left. */
function stateOf(pid: number): string | undefined {
  try {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state === 'Z' ? undefined : state;
  } catch {
    return undefined;
  }
}

test.for<[string, string, More, Partial<Outcome>]>([
  ['has succeeded', '', {}, { ok: true, code: 0, ended: undefined }],
  ['has failed', 'exit 3', {}, { ok: false, code: 3, ended: undefined }],
  ['is at its deadline', 'exec sleep 60', { timeoutMs: 2000 }, { signal: 'SIGTERM', ended: 'timeout' }],
])('a command that %s has ended, whoever still holds its pipes', { timeout: 10_000 }, async (row) => {
  const [, then, more, expected] = row;
  const outcome = await sh(`${LEAVE}; printf done; ${then}`, more);
  expect(outcome).toMatchObject(expected);
  // With its last line, which has no end.
  expect(outcome.stdout).toMatch(/^left \d+\ndone\n$/);
});

test('a command that is aborted has ended, whoever still holds its pipes', { timeout: 10_000 }, async () => {
  const controller = new AbortController();
  const onLine = (line: string) => line.includes('begun') && controller.abort();
  const outcome = await sh(`${LEAVE}; echo begun; exec sleep 60`, { abort: controller.signal }, onLine);
  expect(outcome).toMatchObject({ ok: false, signal: 'SIGTERM', ended: 'aborted' });
});

test('its exit decides, not what happens while the pipes are held', async () => {
  const controller = new AbortController();
  const onLine = (line: string) => {
    const [, pid] = /self (\d+)/.exec(line) ?? [];
    if (!pid) return;
    const watch = setInterval(() => {
      if (stateOf(Number(pid)) !== undefined) return;
      clearInterval(watch);
      controller.abort();
    }, 20);
  };
  const outcome = await sh(`${LEAVE}; echo self $$`, { abort: controller.signal }, onLine);
  expect(outcome).toMatchObject({ ok: true, code: 0, ended: undefined });
});

test('what it starts in the background ends with it', async () => {
  const { ok, stdout } = await sh(`sleep 60 & echo $!`);
  expect(ok).toBe(true);
  await expect.poll(() => stateOf(Number(stdout))).toBeUndefined();
});

test('all that it wrote is kept, though nobody read for longer than the pipes are kept open', async () => {
  const running = sh(`${LEAVE}; head -c 60000 /dev/zero | tr '\\0' x`, { dataLimit: 100_000 });
  execFileSync('sleep', ['2']);
  expect((await running).stdout).toMatch(/^left \d+\nx{60000}$/);
});

test.for([
  ['one line', 'printf "the password is gannet-17\\n"'],
  ['two chunks', 'printf gann; sleep 0.2; printf "et-17\\n"'],
  ['more than is kept of it', 'yes gannet-17 | head -c 600000'],
  ['a line that has no end', 'printf gannet-17'],
] as const)('a secret that is known only afterwards is masked in %s', async ([, line]) => {
  const lines: string[] = [];
  const learn = (add: (secret: string) => void) => {
    expect(lines).toEqual([]);
    add('gannet-17');
    return true;
  };
  const { output, stdout } = await sh(line, { learn }, (one) => lines.push(one));
  expect(output).toContain('***');
  for (const text of [output, stdout, lines.join('\n')]) expect(text).not.toMatch(/gann|et-17/);
});

test('output whose secrets are not known is withheld', async () => {
  const lines: string[] = [];
  const outcome = await sh('echo gannet-17; exit 1', { learn: () => false }, (one) => lines.push(one));
  expect(outcome).toMatchObject({
    ok: false,
    code: 1,
    stdout: expect.stringContaining('withheld'),
    stderr: '',
  });
  expect(lines.join('\n')).not.toContain('gannet-17');
});
