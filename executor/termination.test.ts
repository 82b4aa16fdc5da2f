import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchTermination } from './termination.ts';

test('SIGTERM ends work at once', () => {
  const process = new EventEmitter();
  const termination = watchTermination(process, () => undefined);
  process.emit('SIGTERM');
  expect(termination.signal.aborted).toBe(true);
});

test('a first installation may continue after SIGTERM until its grace is over', async () => {
  const process = new EventEmitter();
  const notes: string[] = [];
  const termination = watchTermination(process, (text) => notes.push(text), 20);
  termination.allowGrace();
  process.emit('SIGTERM');
  expect([termination.asked(), termination.signal.aborted]).toEqual([true, false]);
  expect(notes).toEqual(['SIGTERM received; the first installation may finish']);
  await delay(60);
  expect(termination.signal.aborted).toBe(true);
});

test('SIGTERM ends work after an installation that finished in its grace', () => {
  const process = new EventEmitter();
  const termination = watchTermination(process, () => undefined);
  termination.allowGrace();
  process.emit('SIGTERM');
  termination.endGrace();
  expect(termination.signal.aborted).toBe(true);
});
