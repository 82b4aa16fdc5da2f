import { expect, test } from 'vitest';
import { forbiddenAddress } from './addresses.ts';

test.for([
  '93.184.216.34',
  '2606:2800:220:1:248:1893:25c8:1946',
  '::ffff:93.184.216.34',
  '64:ff9b::5db8:d822',
])('%s is public', (address) => {
  expect(forbiddenAddress(address, [])).toBeUndefined();
});

test.for([
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  'fe80::1',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '::7f00:1',
  '::a9fe:a9fe',
  'fe80::1%eth0',
  'example.com',
])('%s is forbidden, whatever is allowed', (address) => {
  const reason = forbiddenAddress(address, ['0.0.0.0/0', '::/0']);
  expect(reason).toContain(address);
  expect(reason).not.toContain('--allow-source-cidrs');
});

test.for([
  ['10.96.0.1', '10.96.0.0/16'],
  ['172.16.0.1', '172.16.0.0/12'],
  ['192.168.1.1', '192.168.0.0/16'],
  ['100.64.0.1', '100.64.0.0/10'],
  ['fd00::1', 'fd00::/8'],
  ['::ffff:10.96.0.1', '10.96.0.0/16'],
  ['64:ff9b::a60:1', '10.96.0.0/16'],
  ['2002:a60:1::', '2002::/16'],
  ['64:ff9b:1::1', '64:ff9b:1::/48'],
  ['198.18.0.1', '198.18.0.0/15'],
] as const)('%s is forbidden unless the administrator allows %s', ([address, cidr]) => {
  expect(forbiddenAddress(address, [])).toContain('--allow-source-cidrs');
  expect(forbiddenAddress(address, ['203.0.113.0/24', 'nonsense'])).toContain('--allow-source-cidrs');
  expect(forbiddenAddress(address, [cidr])).toBeUndefined();
});
