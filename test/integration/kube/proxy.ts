import { createConnection, createServer, type Socket } from 'node:net';

/** A TCP line to a server that a test can cut or silence. */
export type Proxy = {
  port: number;
  /** Ends every connection. New ones work. */
  cut(): void;
  /** Bytes from the server no longer arrive on the connections that are open; nobody is told. */
  silence(): void;
  close(): void;
};

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const open = new Set<[Socket, Socket]>();
  const server = createServer((near) => {
    const far = createConnection(target);
    const pair: [Socket, Socket] = [near, far];
    open.add(pair);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const [near] of open) near.destroy();
  };
  return {
    port: address.port,
    cut,
    silence() {
      for (const [near, far] of open) {
        far.unpipe(near);
        far.resume();
      }
    },
    close() {
      cut();
      server.close();
    },
  };
}
