import { expect, test } from 'vitest';
import { issueAuthority, issueCertificate } from './issue.ts';
import { isTrusted } from './judge.ts';

const life = { now: Date.now(), lifeMs: 3_600_000 };

test.each([
  'api.example.com',
  '203.0.113.7',
  '2001:db8::7',
  '::1',
  '64:ff9b::1.2.3.4',
  '::2:3:4:5:6:7:8',
  '2:3:4:5:6:7:8::',
  '::ffff:203.0.113.7',
])('issueCertificate makes a certificate that is valid for %s', async (name) => {
  const authority = await issueAuthority('test', life);
  const leaf = await issueCertificate(
    authority,
    { commonName: 'test', names: [name], usages: ['server'] },
    life,
  );
  expect(isTrusted(leaf.cert, authority.cert, [name])).toBe(true);
});
