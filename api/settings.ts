import { posix } from 'node:path';
import ipaddr from 'ipaddr.js';
import { type Flag, type FlagValues, optionalFlag, switchFlag, UsageError } from './flags.ts';

/** What the administrator decides for the whole installation; the same flags for operator and webhook. */
export type Settings = {
  /** The claim that a pvPath without one means. */
  pluginStoreClaim?: string | undefined;
  /** Prefixes of host directories that sources may use. Empty: none. */
  allowHostPaths: string[];
  /** Private address ranges that sources may be fetched from, besides all public ones. */
  allowSourceCidrs: string[];
  /** Accept http:// and unverified TLS for sources. */
  sourceSecureLoose: boolean;
};

/** A flag that may be repeated, and whose entries may be separated by commas. */
const commaList = ({
  parse,
  ...flag
}: {
  placeholder: string;
  description: string;
  parse: (entry: string) => string;
}): Flag<string[]> => ({
  ...flag,
  isRepeatable: true,
  read: (texts) => texts.flatMap(entriesOf).map(parse),
});
const entriesOf = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** The flags of the settings; spread them into a program's own. */
export const settingsFlags = {
  'plugin-store-claim': optionalFlag({
    placeholder: 'CLAIM',
    description: 'PersistentVolumeClaim that a pvPath without a claim refers to',
  }),
  'allow-host-path': commaList({
    placeholder: 'PREFIX',
    description: 'Directory of the host nodes that sources may use; none is allowed by default',
    parse: hostPrefix,
  }),
  'allow-source-cidrs': commaList({
    placeholder: 'CIDR',
    description: 'Private address range that sources may be fetched from, besides all public addresses',
    parse: addressRange,
  }),
  'source-secure-loose': switchFlag('Accept http:// and unverified TLS for sources'),
};

/** The settings from the values of their flags. */
export const settingsOf = (values: FlagValues<typeof settingsFlags>): Settings => ({
  pluginStoreClaim: values['plugin-store-claim'],
  allowHostPaths: values['allow-host-path'],
  allowSourceCidrs: values['allow-source-cidrs'],
  sourceSecureLoose: values['source-secure-loose'],
});

function hostPrefix(prefix: string): string {
  const wrong = (why: string) => new UsageError(`"${prefix}" ${why}`);
  if (!prefix.startsWith('/')) throw wrong('must be absolute, like /opt/plugins');
  if (prefix.split('/').includes('..')) throw wrong('must not contain ".."; use the resolved path');
  if (posix.normalize(prefix) === '/')
    throw wrong('would allow every directory of each node; name one, like /opt/plugins');
  return prefix;
}

function addressRange(cidr: string): string {
  const wrong = (why: string) => new UsageError(`"${cidr}" ${why}`);
  const [network = '', bits] = cidr.split('/');
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(network);
  const isV6 = ipaddr.IPv6.isValid(network) && !network.includes('%');
  if ((isV4 || isV6) && bits === undefined)
    throw wrong(`is an address, not a range; to allow this address alone, write ${cidr}/${isV4 ? 32 : 128}`);
  if (!(isV4 || isV6) || !ipaddr.isValidCIDR(cidr))
    throw wrong('is not an address range, like 10.96.0.0/16 or 10.0.0.1/32');
  // Addresses are compared in their own family, so such a range would never contain one.
  if (isV6 && ipaddr.IPv6.parse(network).isIPv4MappedAddress())
    throw wrong('is an IPv4 range written as IPv6; write it like 10.96.0.0/16');
  return cidr;
}
