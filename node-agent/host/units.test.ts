import { expect, test } from 'vitest';
import { tenantUnitText, unitWord } from './units.ts';

test.each([
  ['quotes a plain word', '--v=2', '"--v=2"'],
  ['escapes a specifier of systemd', '100%i', '"100%%i"'],
  ['escapes a variable of systemd', '$HOME', '"$$HOME"'],
  ['escapes quotes and backslashes', 'a"b\\c', '"a\\"b\\\\c"'],
])('unitWord %s', (_sentence, text, word) => {
  expect(unitWord(text)).toBe(word);
});

test('tenantUnitText makes a program wait for the file that it needs', () => {
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
