import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { type MachineName, machineNames } from './names.ts';

/** Ranges inside the cluster. They never leave the clone's own namespaces, so all clones use the same. */
export const podRange = '10.244.0.0/16';
export const serviceRange = '10.96.0.0/16';
export const dnsAddress = '10.96.0.10';

export type MachineAddress = { name: MachineName; address: string; podRange: string };
export type Addresses = { subnet: string; host: string; machines: MachineAddress[] };

const parse = (range: string): [ipaddr.IPv4, number] | undefined => {
  const cidr = range.includes('/') ? range : `${range}/32`;
  return ipaddr.IPv4.isValidCIDR(cidr) ? ipaddr.IPv4.parseCIDR(cidr) : undefined;
};

/** True if the two IPv4 ranges share an address. What is not IPv4 overlaps nothing. */
export function overlaps(a: string, b: string): boolean {
  const [left, right] = [parse(a), parse(b)];
  if (left === undefined || right === undefined) return false;
  const bits = Math.min(left[1], right[1]);
  return left[0].match(right[0], bits);
}

/** Addresses that belong to one /24, e.g. `10.210.7.0/24`. */
export function addressesIn(subnet: string): Addresses {
  const base = subnet.replace(/\.0\/24$/, '');
  return {
    subnet,
    host: `${base}.1`,
    machines: machineNames.map((name, index) => ({
      name,
      address: `${base}.${10 + index}`,
      podRange: `10.244.${index}.0/24`,
    })),
  };
}

/**
 * The subnet of a clone: the remembered one while nothing else uses it, else the first free /24 of
 * 10.210.0.0/16, counted from a hash of the clone so that two clones that start at once differ.
 * `taken` are the ranges and addresses of the host's links and routes, without the clone's own.
 */
export function chooseSubnet(prefix: string, taken: string[], remembered?: string): string {
  const free = (subnet: string) => !taken.some((range) => overlaps(range, subnet));
  if (remembered !== undefined && free(remembered)) return remembered;
  const start = createHash('sha256').update(prefix).digest().readUInt8(0);
  for (let step = 0; step < 256; step++) {
    const subnet = `10.210.${(start + step) % 256}.0/24`;
    if (free(subnet)) return subnet;
  }
  throw new Error('no free /24 in 10.210.0.0/16: remove links or routes that cover it (see `ip route`)');
}
