import { expect, test } from 'vitest';
import type { FetchOrder } from '#api/contract/work-order.ts';
import { createPod } from './pod.ts';

const order = (uri: string): string =>
  JSON.stringify({
    version: 1,
    timeoutMs: 60_000,
    allowSourceCidrs: [],
    sourceSecureLoose: false,
    items: [{ kind: 'uri', slot: 'yaml', uri, credentials: false }],
  } satisfies FetchOrder);

test('the program refuses a forbidden address with the exit code that no retry mends', async () => {
  const pod = await createPod();
  const { code, log, report } = await pod.start('fetch', {
    PINION_FETCH: order('https://127.0.0.1:9/a.yaml'),
  }).ended;
  expect(code).toBe(12);
  expect(report).toMatchObject({ step: 'fetch', reason: 'SourceRefused' });
  expect(log.trim().split('\n').at(-1)).toMatch(/^SourceRefused: 127.0.0.1 must not be fetched from/);
});

test('without an order it is a usage error', async () => {
  const pod = await createPod();
  const { code, report } = await pod.start('fetch').ended;
  expect(code).toBe(2);
  expect(report?.message).toContain('PINION_FETCH');
});
