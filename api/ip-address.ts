import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const LOCAL = new Set(['loopback', 'linkLocal', 'unspecified', 'multicast', 'broadcast']);

/** Whether the address is loopback, link-local, unspecified, multicast or broadcast: never one to connect to. */
export const isLocal = (address: Address): boolean => LOCAL.has(address.range());

/** Parses an address; IPv4-mapped IPv6 addresses are treated as IPv4. @throws Error when it is not an address */
export function parseAddress(text: string): Address {
  const address = ipaddr.process(text);
  // :: and ::1 are IPv6 addresses.
  const own = address.range() !== 'unicast' && address.range() !== 'rfc6052';
  if (!(address instanceof ipaddr.IPv6) || own) return address;
  if (!EMBEDDING.some((prefix) => address.match(...prefix))) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** Prefixes that embed IPv4: the well-known one of NAT64, and the deprecated IPv4-compatible addresses (::127.0.0.1). */
const EMBEDDING = ['64:ff9b::/96', '::/96'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));

/** Whether no target may have this address: it is the caller's own machine or link. A name is never forbidden. */
export const isForbiddenTarget = (address: string): boolean =>
  ipaddr.isValid(address) && isLocal(parseAddress(address));
