import { posix } from 'node:path';
import ipaddr from 'ipaddr.js';

/** Settings of the administrator for the whole installation: the same flags of operator and webhook. */
export type Settings = {
  /** The claim of a pvPath that names none. */
  pluginStoreClaim?: string | undefined;
  /** Prefixes of host directories that sources may use; empty allows none. */
  allowHostPaths: string[];
  /** Private address ranges that sources may be fetched from, besides all public ones. */
  allowSourceCidrs: string[];
  /** Accept http:// and unverified TLS for sources. */
  sourceSecureLoose: boolean;
};

/** Definitions for `node:util` parseArgs; spread them into a program's own options. */
export const settingsFlags = {
  'plugin-store-claim': { type: 'string' },
  'allow-host-path': { type: 'string', multiple: true },
  'allow-source-cidrs': { type: 'string', multiple: true },
  'source-secure-loose': { type: 'boolean' },
} as const;

/**
 * Reads parsed flags; lists may be repeated or separated by commas.
 * @throws TypeError for an entry that would allow nothing, or something else than it seems to.
 */
export function readSettings(flags: {
  'plugin-store-claim'?: string | undefined;
  'allow-host-path'?: string[] | undefined;
  'allow-source-cidrs'?: string[] | undefined;
  'source-secure-loose'?: boolean | undefined;
}): Settings {
  const list = (entries: string[] | undefined) =>
    (entries ?? [])
      .flatMap((entry) => entry.split(','))
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  return {
    pluginStoreClaim: flags['plugin-store-claim'] || undefined,
    allowHostPaths: list(flags['allow-host-path']).map(hostPrefix),
    allowSourceCidrs: list(flags['allow-source-cidrs']).map(addressRange),
    sourceSecureLoose: flags['source-secure-loose'] ?? false,
  };
}

function hostPrefix(prefix: string): string {
  const wrong = (why: string) => new TypeError(`--allow-host-path "${prefix}" ${why}`);
  if (!prefix.startsWith('/')) throw wrong('must be absolute, like /opt/plugins');
  if (prefix.split('/').includes('..')) throw wrong('must not contain ".."; use the resolved path');
  if (posix.normalize(prefix) === '/')
    throw wrong('would allow every file of each node; use a directory, like /opt/plugins');
  return prefix;
}

function addressRange(cidr: string): string {
  const wrong = (why: string) => new TypeError(`--allow-source-cidrs "${cidr}" ${why}`);
  const [network = '', bits] = cidr.split('/');
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(network);
  const isV6 = ipaddr.IPv6.isValid(network) && !network.includes('%');
  if ((isV4 || isV6) && bits === undefined)
    throw wrong(`is an address, not a range; for this address alone, write ${cidr}/${isV4 ? 32 : 128}`);
  if (!(isV4 || isV6) || !ipaddr.isValidCIDR(cidr))
    throw wrong('is not a CIDR range; write one like 10.96.0.0/16 or 10.0.0.1/32');
  // IPv4-mapped addresses are compared as IPv4, so this range would never match.
  if (isV6 && ipaddr.IPv6.parse(network).isIPv4MappedAddress())
    throw wrong('is an IPv4 range written as IPv6; write it like 10.96.0.0/16');
  return cidr;
}
