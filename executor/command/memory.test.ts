import { expect, test } from 'vitest';
import { requireMemory } from './memory.ts';

test('a tool that nobody but the kernel can have killed has used up the memory', () => {
  const killed = () => requireMemory('helm', { signal: 'SIGKILL', ended: undefined });
  expect(killed).toThrow(expect.objectContaining({ reason: 'OOMKilled' }));
  expect(killed).toThrow(/helm was killed, .* memory .* executor\.resources/);
});

test.for([
  ['that was ended at its deadline', { signal: 'SIGKILL', ended: 'timeout' }],
  ['that was aborted', { signal: 'SIGKILL', ended: 'aborted' }],
  ['that was asked to stop', { signal: 'SIGTERM', ended: undefined }],
  ['that failed by itself', { signal: undefined, ended: undefined }],
] as const)('a tool %s has not', ([, outcome]) => {
  expect(() => requireMemory('helm', outcome)).not.toThrow();
});
