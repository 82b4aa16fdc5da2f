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

const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** The IPv4 address inside of an address of the well-known NAT64 prefix 64:ff9b::/96. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6) || !address.match(...NAT64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** uniqueLocal → unique local. */
const words = (range: string) => range.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
