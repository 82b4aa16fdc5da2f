import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Failure } from '../failure.ts';
import { forbiddenAddress } from './addresses.ts';

/** Where a connection goes: an address that was checked, and for TLS the name that the certificate must have. */
export type Dial = {
  address: string;
  port: number;
  tls?: { servername: string; ca: string[] | undefined; verify: boolean };
};

/** The two things of the network that fetching needs; a test gives its own and sees what would be contacted. */
export type Network = {
  resolve: (hostname: string) => Promise<string[]>;
  dial: (to: Dial) => Promise<Socket>;
};

const CONNECT_MS = 10_000;

export const realNetwork: Network = {
  resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
  dial: ({ address, port, tls }) =>
    new Promise((resolve, reject) => {
      const socket = tls
        ? connectTls({
            host: address,
            port,
            servername: isIP(tls.servername) ? '' : tls.servername,
            rejectUnauthorized: tls.verify,
            ALPNProtocols: ['http/1.1'],
            ...(tls.ca ? { ca: tls.ca } : {}),
          })
        : connectTcp({ host: address, port });
      const tooLate = () => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`));
      socket.setTimeout(CONNECT_MS, tooLate);
      socket.once('error', reject);
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        socket.setTimeout(0);
        // The user of the socket has limits of its own.
        socket.off('timeout', tooLate);
        socket.off('error', reject);
        resolve(socket);
      });
    }),
};

export type ConnectRules = { allow: readonly string[]; ca: string[] | undefined; verify: boolean };

/**
 * Connects to a host after a look at every address that its name has: if one of them is forbidden, none is
 * used. The name is resolved once, and the connection goes to the address that was checked.
 * @throws Failure `SourceRefused`; or the network's own error
 */
export async function connectChecked(
  network: Network,
  rules: ConnectRules,
  to: { hostname: string; port: number; secure: boolean },
): Promise<Socket> {
  const hostname = to.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(hostname) ? [hostname] : await network.resolve(hostname);
  for (const address of addresses) {
    const why = forbiddenAddress(address, rules.allow);
    if (why) throw new Failure('SourceRefused', `${hostname} must not be fetched from: ${why}`);
  }
  let last: unknown = new Error(`${hostname} has no address`);
  for (const address of addresses) {
    const { ca, verify } = rules;
    const tls = to.secure ? { tls: { servername: hostname, ca, verify } } : {};
    try {
      return await network.dial({ address, port: to.port, ...tls });
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
