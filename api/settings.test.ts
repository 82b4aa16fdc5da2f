import { expect, test } from 'vitest';
import { readFlags, UsageError } from './flags.ts';
import { settingsFlags, settingsOf } from './settings.ts';

function settings(...args: string[]) {
  const values = readFlags(settingsFlags, args);
  if (values === 'help') throw new Error('no --help was given');
  return settingsOf(values);
}
const cidrs = (...texts: string[]) => settings(...texts.map((text) => `--allow-source-cidrs=${text}`));
const paths = (...texts: string[]) => settings(...texts.map((text) => `--allow-host-path=${text}`));

test('settingsOf takes lists that are repeated or separated by commas, with blanks and empty entries', () => {
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

test('settingsOf allows nothing without flags', () => {
  expect(settings()).toEqual({
    pluginStoreClaim: undefined,
    allowHostPaths: [],
    allowSourceCidrs: [],
    sourceSecureLoose: false,
  });
});

test.each([
  ['an IPv4 address', '10.0.0.1', /"10\.0\.0\.1" is an address, .* write 10\.0\.0\.1\/32$/],
  ['an IPv6 address', 'fd00::1', /"fd00::1" is an address, .* write fd00::1\/128$/],
  ['a name', 'charts.example.com', /is not an address range, like/],
  ['a name with bits', 'charts.example.com/32', /is not an address range/],
  ['more bits than there are', '10.0.0.0/33', /is not an address range/],
  ['a slash without bits', '10.0.0.0/', /is not an address range/],
  ['a network cut short', '10/8', /is not an address range/],
  ['octal numbers', '010.0.0.0/8', /is not an address range/],
  ['the name of an interface', 'fe80::1%eth0/64', /is not an address range/],
  ['IPv4 as IPv6', '::ffff:10.0.0.0/104', /written as IPv6/],
  ['one wrong range among good ones', '10.0.0.0/8,10.1', /"10\.1" is not an address range/],
])('--allow-source-cidrs refuses %s', (_what, given, message) => {
  expect(() => cidrs(given)).toThrow(UsageError);
  expect(() => cidrs(given)).toThrow(message);
});

test.each([
  ['a relative path', 'opt/plugins', /"opt\/plugins" must be absolute/],
  ['/', '/', /would allow every directory/],
  ['/ in another form', '//.', /would allow every directory/],
  ['a path with ..', '/opt/../etc', /must not contain "\.\."/],
  ['a path that leads to / by ..', '/opt/..', /must not contain "\.\."/],
  ['one wrong path among good ones', '/opt,~/a', /"~\/a" must be absolute/],
])('--allow-host-path refuses %s', (_what, given, message) => {
  expect(() => paths(given)).toThrow(UsageError);
  expect(() => paths(given)).toThrow(message);
});
