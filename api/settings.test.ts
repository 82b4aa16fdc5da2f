import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const cidrs = (...given: string[]) => readSettings({ 'allow-source-cidrs': given });
const paths = (...given: string[]) => readSettings({ 'allow-host-path': given });

test('lists may be repeated, separated by commas, and have blanks and empty entries', () => {
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

test('without flags nothing is allowed', () => {
  expect(readSettings({})).toEqual({
    pluginStoreClaim: undefined,
    allowHostPaths: [],
    allowSourceCidrs: [],
    sourceSecureLoose: false,
  });
});

test.each([
  ['an IPv4 address', '10.0.0.1', /"10\.0\.0\.1" is an address .* write 10\.0\.0\.1\/32$/],
  ['an IPv6 address', 'fd00::1', /"fd00::1" is an address .* write fd00::1\/128$/],
  ['a name', 'charts.example.com', /is no range of addresses, like/],
  ['a name with bits', 'charts.example.com/32', /is no range of addresses/],
  ['more bits than there are', '10.0.0.0/33', /is no range of addresses/],
  ['a slash without bits', '10.0.0.0/', /is no range of addresses/],
  ['a network cut short', '10/8', /is no range of addresses/],
  ['octal numbers', '010.0.0.0/8', /is no range of addresses/],
  ['the name of an interface', 'fe80::1%eth0/64', /is no range of addresses/],
  ['IPv4 as IPv6', '::ffff:10.0.0.0/104', /written as IPv6/],
  ['one wrong range among good ones', '10.0.0.0/8,10.1', /"10\.1" is no range/],
])('%s in --allow-source-cidrs is refused at the start', (_what, given, message) => {
  expect(() => cidrs(given)).toThrow(TypeError);
  expect(() => cidrs(given)).toThrow(message);
});

test.each([
  ['that is relative', 'opt/plugins', /"opt\/plugins" must be absolute/],
  ['that is /', '/', /would be all of each node/],
  ['that is / in another form', '//.', /would be all of each node/],
  ['that climbs', '/opt/../etc', /must not contain "\.\."/],
  ['that climbs to /', '/opt/..', /must not contain "\.\."/],
  ['that is wrong among good ones', '/opt,~/a', /"~\/a" must be absolute/],
])('an --allow-host-path %s is refused at the start', (_what, given, message) => {
  expect(() => paths(given)).toThrow(TypeError);
  expect(() => paths(given)).toThrow(message);
});
