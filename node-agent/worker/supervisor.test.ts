import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../bring-up/services.ts';
import { supervise } from './supervisor.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Supervises until the lines satisfy `enough`, and returns them. */
async function linesUntil(service: Service, enough: (lines: string[]) => boolean | Promise<boolean>) {
  const stop = new AbortController();
  const lines: string[] = [];
  let more: () => void = () => undefined;
  const running = supervise(service, {
    signal: stop.signal,
    log: (line) => {
      lines.push(line);
      more();
    },
  });
  while (!(await enough(lines))) await new Promise<void>((resolve) => (more = resolve));
  stop.abort();
  await running;
  return lines;
}

const shell = (text: string): Service => ({
  name: 'kubelet',
  argv: ['sh', '-c', text],
  env: { WORD: 'well' },
});

test('supervise restarts a program that ends and logs how it ended', async () => {
  const lines = await linesUntil(shell('echo "all is $WORD"; exit 3'), (all) => all.length >= 3);
  expect(lines.slice(0, 3)).toEqual([
    'all is well',
    'ended (exit code 3); restarting in 0.4 s',
    'all is well',
  ]);
});

test('supervise logs a missing program and does not throw', async () => {
  const service: Service = { name: 'kubelet', argv: [join(folder, 'nothing')], env: {} };
  const lines = await linesUntil(service, (all) => all.length >= 1);
  expect(lines[0]).toMatch(/ENOENT/);
});

test('supervise waits for the file that a program needs', async () => {
  const needs = join(folder, 'program');
  const service: Service = { name: 'kubelet', argv: [needs, '-c', 'echo on; sleep 100'], env: {}, needs };
  const running = linesUntil(service, (all) => all.length >= 1);
  // The link does not exist yet: a program that had started at once would have failed by now.
  await symlink('/bin/sh', needs);
  expect((await running)[0]).toBe('on');
});

test('supervise kills a running program on the signal and does not wait for it', async () => {
  const began = Date.now();
  await linesUntil(shell('echo on; trap "" TERM; sleep 100 & wait'), (all) => all.length >= 1);
  expect(Date.now() - began).toBeLessThan(20_000);
});
