import type { RequestListener } from 'node:http';
import https from 'node:https';
import type { Pair } from '#kube/certificates/issue.ts';

/**
 * An HTTPS server that closes connections whose client sends its request slowly. With `clientCa`, a PEM bundle, it
 * requires client certificates signed by one of those CAs. `serveWith` sets the server's own certificate, at first and
 * whenever it is renewed.
 */
export function admissionServer(
  app: RequestListener,
  { clientCa }: { clientCa?: string | undefined } = {},
): { server: https.Server; serveWith: (leaf: Pair) => void } {
  // A new context keeps nothing of the previous one; without `ca` it would trust every public CA.
  const context = { minVersion: 'TLSv1.2', ca: clientCa } as const;
  const server = https.createServer(
    {
      ...context,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: true,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      // API servers keep connections open. Longer than their own idle timeout, so that they close first.
      keepAliveTimeout: 120_000,
      maxHeaderSize: 16 * 1024,
    },
    app,
  );
  return { server, serveWith: ({ cert, key }) => server.setSecureContext({ ...context, cert, key }) };
}
