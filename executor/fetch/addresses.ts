import ipaddr from 'ipaddr.js';
import { isLocal, parseAddress } from '#api/ip-address.ts';

/**
 * Why a source must not be fetched from an address; undefined when it may. Public addresses may; the private
 * ranges, where services, pods and the administrator's own machines live, only when a range of `allow` holds
 * them. IPv4-mapped IPv6 addresses are treated as IPv4.
 */
export function forbiddenAddress(address: string, allow: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address) || address.includes('%')) return `${address} is not a plain IP address`;
  const parsed = parseAddress(address);
  const range = parsed.range();
  if (range === 'unicast') return undefined;
  if (isLocal(parsed)) return `${address} is a ${words(range)} address`;
  const allowed = allow.some((cidr) => {
    if (!ipaddr.isValidCIDR(cidr)) return false;
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
  return allowed
    ? undefined
    : `${address} is a ${words(range)} address; the administrator can allow its range with --allow-source-cidrs`;
}

/** uniqueLocal → unique local. */
const words = (range: string) => range.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
