import type http from 'node:http';
import type https from 'node:https';
import type { Server } from 'node:net';

/** Starts to listen. @returns the port, which the system chooses when `port` is 0. Rejects when the port is taken. */
export function listen(server: Server, port: number, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Stops to listen and resolves when the running requests have ended, at the latest after `graceMs`. */
export async function close(server: http.Server | https.Server, graceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
