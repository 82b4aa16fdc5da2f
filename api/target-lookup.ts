import { ReasonedError } from './errors.ts';
import { isForbiddenTarget } from './ip-address.ts';

type Result = string | { address: string; family: number }[];
type Lookup<Options> = (
  hostname: string,
  options: Options,
  callback: (error: NodeJS.ErrnoException | null, address: Result, family?: number) => void,
) => void;

/**
 * A DNS lookup for connections to a target. It fails for a name that has a loopback or link-local address. The connection
 * goes to the addresses that were checked, so a later answer for the name changes nothing.
 * @param resolve dns.lookup
 */
export function targetLookup<Options>(resolve: Lookup<Options>): Lookup<Options> {
  return (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      if (error) return callback(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      const bad = addresses.find(isForbiddenTarget);
      if (bad === undefined) return callback(null, address, family);
      const message = `the server ${hostname} of the kubeconfig is ${bad}, a loopback, link-local or unspecified address; use the address at which pods reach the cluster`;
      callback(new ReasonedError('InvalidKubeconfig', message), '', 0);
    });
}
