import { expect, test } from 'vitest';
import { offlineBut } from './offline.ts';

test.for([
  ['https://10.0.0.1:6443', '10.0.0.1'],
  ['https://[fd00::1]:6443', 'fd00::1'],
  ['https://h.example/prefix', 'h.example'],
] as const)('a tool for %s reaches %s and nothing else', ([server, host]) => {
  expect(offlineBut(server)).toMatchObject({
    NO_PROXY: host,
    HTTPS_PROXY: expect.stringContaining('127.0.0.1'),
  });
});
