import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { Server } from 'node:net';
import express, { type Express } from 'express';
import type { Pair } from '#kube/certificates/issue.ts';
import type { Metrics } from './metrics.ts';

/**
 * An HTTPS server that drops clients which send their request slowly. With `clientCa`, a PEM bundle, it requires client
 * certificates signed by these CAs. `serveWith` sets the serving certificate, first and whenever it changes.
 */
export function admissionServer(
  app: RequestListener,
  { clientCa }: { clientCa?: string | undefined } = {},
): { server: https.Server; serveWith: (leaf: Pair) => void } {
  // A new context does not inherit from the old one; without `ca` every public CA would be trusted.
  const context = { minVersion: 'TLSv1.2', ca: clientCa } as const;
  const server = https.createServer(
    {
      ...context,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: true,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      // API servers keep their connections: a timeout longer than theirs avoids resets in the middle of a request.
      keepAliveTimeout: 120_000,
      maxHeaderSize: 16 * 1024,
    },
    app,
  );
  return { server, serveWith: ({ cert, key }) => server.setSecureContext({ ...context, cert, key }) };
}

/** GET /healthz, /readyz and /metrics. */
export function healthApp(metrics: Metrics, notReady: () => string[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.send('ok\n'));
  app.get('/readyz', (_request, response) => {
    const reasons = notReady();
    if (reasons.length === 0) response.send('ok\n');
    else response.status(503).send(`not ready: ${reasons.join('; ')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return app;
}

/** Starts listening. @returns the port, a free one when `port` is 0 */
export function listen(server: Server, port: number, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Stops listening; requests under way have `graceMs` to end. */
export async function close(server: http.Server | https.Server, graceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

export const healthServer = (app: RequestListener): http.Server => http.createServer(app);
