import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EXIT,
  type ExitReason,
  formatTerminationMessage,
  parseTerminationMessage,
  REPORT_LIMITS,
} from './report.ts';

/** fast-check prints the seed of a failure; PINION_TEST_SEED repeats it. No shrinking: it takes minutes with texts this long. */
const seed = process.env['PINION_TEST_SEED'];
const settings = { numRuns: 200, endOnFailure: true, ...(seed === undefined ? {} : { seed: Number(seed) }) };

/** Any text, from empty to over the limits, with characters of one to four bytes and with ones that JSON escapes. */
const text = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength, size: 'max' }),
    fc.string({ unit: fc.constantFrom('a', 'ä', '漢', '🪶', '"', '\n', '\u0001'), maxLength, size: 'max' }),
  );
const facts = fc.record(
  {
    step: fc.constantFrom('fetch', 'install', 'verify', 'report'),
    reason: fc.constantFrom(...(Object.keys(EXIT) as ExitReason[])),
    message: text(3000),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/),
    revision: fc.nat(),
    verified: fc.constantFrom('Yes', 'No', 'NotAsked'),
  },
  { requiredKeys: ['step', 'reason', 'message'] },
);
const bytes = (of: string) => Buffer.byteLength(of);

describe('formatTerminationMessage', () => {
  test('keeps the limits of bytes for any report and transcript', () => {
    fc.assert(
      fc.property(facts, text(4000), (report, transcript) => {
        const written = formatTerminationMessage(report, transcript);
        expect(bytes(written)).toBeLessThanOrEqual(REPORT_LIMITS.total);
        expect(bytes(written.split('\n')[0] ?? '')).toBeLessThanOrEqual(REPORT_LIMITS.facts);
      }),
      settings,
    );
  });

  test('is read back by parseTerminationMessage, with the message cut in its middle if at all', () => {
    fc.assert(
      fc.property(facts, text(4000), (report, transcript) => {
        const read = parseTerminationMessage(formatTerminationMessage(report, transcript));
        const message = read?.report.message ?? '';
        expect(read?.report).toEqual({ ...report, message });
        if (message === report.message) return;
        expect(message).toContain(' … ');
        expect(report.message.startsWith(message.slice(0, 20))).toBe(true);
        expect(report.message.endsWith(message.slice(-20))).toBe(true);
      }),
      settings,
    );
  });

  test('never splits a character, neither of the message nor of the transcript', () => {
    fc.assert(
      fc.property(facts, text(4000), (report, transcript) => {
        const read = parseTerminationMessage(formatTerminationMessage(report, transcript));
        expect(read?.report.message.isWellFormed()).toBe(true);
        expect(transcript.endsWith(read?.tail ?? 'none')).toBe(true);
      }),
      settings,
    );
  });
});
