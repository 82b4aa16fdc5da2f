import ipaddr from 'ipaddr.js';

/** Never a place to fetch from, whatever the administrator allows: this machine, this link, everybody. */
const NEVER = new Set(['loopback', 'linkLocal', 'unspecified', 'multicast', 'broadcast']);

/**
 * Why a source must not be fetched from an address; undefined when it may. Public addresses may; the private
 * ranges, where services, pods and the administrator's own machines live, only when a range of `allow` holds
 * them. An IPv4 address in IPv6 clothes is judged as what it is.
 */
export function forbiddenAddress(address: string, allow: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address) || address.includes('%')) return `${address} is no plain IP address`;
  const parsed = unwrap(ipaddr.process(address));
  const range = parsed.range();
  if (range === 'unicast') return undefined;
  if (NEVER.has(range)) return `${address} is a ${words(range)} address`;
  const allowed = allow.some((cidr) => {
    if (!ipaddr.isValidCIDR(cidr)) return false;
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
  return allowed
    ? undefined
    : `${address} is a ${words(range)} address; the administrator can allow its range with --allow-source-cidrs`;
}

/** The well-known prefix of NAT64, and the IPv4-compatible addresses of old: ::127.0.0.1. */
const EMBEDDING = ['64:ff9b::/96', '::/96'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));

/** The IPv4 address inside of an IPv6 address whose last four bytes are one. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  // :: and ::1 are addresses of IPv6's own.
  if (!(address instanceof ipaddr.IPv6) || (address.range() !== 'unicast' && address.range() !== 'rfc6052'))
    return address;
  if (!EMBEDDING.some((prefix) => address.match(...prefix))) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** uniqueLocal → unique local. */
const words = (range: string) => range.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
