import { ReasonedError } from './errors.ts';
import { isForbiddenTarget } from './ip-address.ts';

type Found = string | { address: string; family: number }[];
type Lookup<Options> = (
  hostname: string,
  options: Options,
  callback: (error: NodeJS.ErrnoException | null, address: Found, family?: number) => void,
) => void;

/**
 * A lookup for connections to a target: a name one of whose addresses is loopback or link-local leads nowhere.
 * The connection goes to the addresses that were looked at, so a later answer of the name changes nothing.
 * @param resolve dns.lookup
 */
export function targetLookup<Options>(resolve: Lookup<Options>): Lookup<Options> {
  return (hostname, options, callback) =>
    resolve(hostname, options, (error, address, family) => {
      if (error) return callback(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((one) => one.address);
      const bad = addresses.find(isForbiddenTarget);
      if (bad === undefined) return callback(null, address, family);
      const message = `the server ${hostname} of the kubeconfig is ${bad}, a loopback, link-local or unspecified address; give the address that pods reach the cluster by`;
      callback(new ReasonedError('InvalidKubeconfig', message), '', 0);
    });
}
