import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '#api/contract/report.ts';
import { conclude } from './conclude.ts';
import { createLog } from './log/log.ts';

test('conclude reports a fixed sentence and exit code Internal when nothing can be redacted', () => {
  const redactor = {
    add: () => undefined,
    redact: () => {
      throw new SyntaxError('Invalid regular expression: /hunter22/');
    },
    redactBeginning: () => ({ clean: '', rest: '' }),
    enough: () => 0,
  };
  const lines: string[] = [];
  const log = createLog({ format: 'text', redactor, write: (line) => lines.push(line), clock: () => 0 });
  const terminationLog = join(mkdtempSync(join(tmpdir(), 'pinion-')), 'termination-log');
  const facts = { step: 'install', reason: 'ApplyFailed', message: 'hunter22' } as const;
  expect(conclude({ log, redactor, terminationLog }, facts)).toBe(EXIT.Internal.code);
  const left = readFileSync(terminationLog, 'utf8');
  expect(left).toContain('crashed before it could report a reason');
  expect(left + lines.join('')).not.toContain('hunter22');
});
