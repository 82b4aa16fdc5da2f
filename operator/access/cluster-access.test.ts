import { expect, test } from 'vitest';
import { ClusterAccess } from './cluster-access.ts';

const target = (server: string) => ({ target: { server, insecureSkipTlsVerify: false } });

test('ClusterAccess says once that access was opened, and keeps the newest target', () => {
  const access = new ClusterAccess();
  expect(access.of('uid')).toBeUndefined();
  expect(access.open('uid', target('https://a'))).toBe(true);
  expect(access.open('uid', target('https://b'))).toBe(false);
  expect(access.of('uid')).toEqual(target('https://b'));
  expect(access.of('other')).toBeUndefined();
});

test('ClusterAccess says again that access was opened after it was closed', () => {
  const access = new ClusterAccess();
  access.open('uid', target('https://a'));
  access.close('uid');
  expect(access.of('uid')).toBeUndefined();
  expect(access.open('uid', target('https://a'))).toBe(true);
});
