import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const cidrs = (...values: string[]) => readSettings({ 'allow-source-cidrs': values });
const paths = (...values: string[]) => readSettings({ 'allow-host-path': values });

test('readSettings accepts lists that are repeated, separated by commas, with blanks and empty entries', () => {
  expect(cidrs('10.0.0.0/8, fc00::/7', '', '0.0.0.0/0').allowSourceCidrs).toEqual([
    '10.0.0.0/8',
    'fc00::/7',
    '0.0.0.0/0',
  ]);
  expect(paths('/opt/pinion/,/srv', '/mnt/a..b').allowHostPaths).toEqual([
    '/opt/pinion/',
    '/srv',
    '/mnt/a..b',
  ]);
});

test('readSettings without flags allows nothing', () => {
  expect(readSettings({})).toEqual({
    pluginStoreClaim: undefined,
    allowHostPaths: [],
    allowSourceCidrs: [],
    sourceSecureLoose: false,
  });
});

test.each([
  ['an IPv4 address', '10.0.0.1', /"10\.0\.0\.1" is an address, .* write 10\.0\.0\.1\/32$/],
  ['an IPv6 address', 'fd00::1', /"fd00::1" is an address, .* write fd00::1\/128$/],
  ['a name', 'charts.example.com', /is not a CIDR range; write one like/],
  ['a name with bits', 'charts.example.com/32', /is not a CIDR range/],
  ['a prefix that is too long', '10.0.0.0/33', /is not a CIDR range/],
  ['a slash without bits', '10.0.0.0/', /is not a CIDR range/],
  ['a shortened network', '10/8', /is not a CIDR range/],
  ['octal numbers', '010.0.0.0/8', /is not a CIDR range/],
  ['the name of an interface', 'fe80::1%eth0/64', /is not a CIDR range/],
  ['IPv4 as IPv6', '::ffff:10.0.0.0/104', /written as IPv6/],
  ['an invalid range beside a valid one', '10.0.0.0/8,10.1', /"10\.1" is not a CIDR range/],
])('readSettings refuses %s in --allow-source-cidrs', (_what, value, message) => {
  expect(() => cidrs(value)).toThrow(TypeError);
  expect(() => cidrs(value)).toThrow(message);
});

test.each([
  ['that is relative', 'opt/plugins', /"opt\/plugins" must be absolute/],
  ['that is /', '/', /would allow every file of each node/],
  ['that is / in another form', '//.', /would allow every file of each node/],
  ['that contains ..', '/opt/../etc', /must not contain "\.\."/],
  ['that leads to / by ..', '/opt/..', /must not contain "\.\."/],
  ['that is invalid beside a valid one', '/opt,~/a', /"~\/a" must be absolute/],
])('readSettings refuses an --allow-host-path %s', (_what, value, message) => {
  expect(() => paths(value)).toThrow(TypeError);
  expect(() => paths(value)).toThrow(message);
});
