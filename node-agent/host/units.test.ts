import { expect, test } from 'vitest';
import { tenantUnitText, unitWord } from './units.ts';

test.each([
  ['a plain word is quoted', '--v=2', '"--v=2"'],
  ['a specifier of systemd means nothing', '100%i', '"100%%i"'],
  ['a variable of systemd means nothing', '$HOME', '"$$HOME"'],
  ['quotes and backslashes are kept', 'a"b\\c', '"a\\"b\\\\c"'],
])('%s', (_name, text, word) => {
  expect(unitWord(text)).toBe(word);
});

test('a program that needs a file waits for it', () => {
  const service = {
    name: 'kubelet' as const,
    argv: ['kubelet', '--x'] as [string, ...string[]],
    env: { A: 'b' },
  };
  const unit = tenantUnitText({ ...service, needs: '/run/a.sock' }, '/v/bin');
  expect(unit).toContain('ExecStartPre=/bin/sh -c "until test -e /run/a.sock; do sleep 0.2; done"\n');
  expect(unit).toContain('ExecStart=/usr/bin/env "kubelet" "--x"\n');
  expect(unit).toMatch(/^Environment="A=b"\nEnvironment="PATH=\/v\/bin:/m);
  expect(tenantUnitText(service, '/v/bin')).not.toContain('ExecStartPre');
});
