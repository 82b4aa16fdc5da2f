import { createServer, type ServerResponse } from 'node:http';
import { close, listen } from './listen.ts';

/** The part of a Prometheus registry that is served. */
type MetricsRegistry = { contentType: string; metrics(): Promise<string> };

type Served = {
  registry: MetricsRegistry;
  /** Why the program is not ready; empty when it is. */
  notReady: () => string[];
};

export type HealthServer = { port: number; close: () => Promise<void> };

/**
 * Serves /healthz, /readyz (503 with the reasons while not ready) and /metrics over HTTP.
 * @param port 0: the system chooses one. Rejects when the port is taken.
 */
export async function startHealthServer({
  port,
  ...served
}: Served & { port: number }): Promise<HealthServer> {
  const server = createServer(({ url }, response) => void respond(served, url?.split('?')[0], response));
  server.headersTimeout = 5_000;
  return { port: await listen(server, port), close: () => close(server, 0) };
}

async function respond(
  { registry, notReady }: Served,
  path: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const send = (code: number, text: string, type = 'text/plain; charset=utf-8') =>
    response.writeHead(code, { 'content-type': type }).end(text);
  switch (path) {
    case '/healthz':
      send(200, 'ok\n');
      return;
    case '/readyz': {
      const reasons = notReady();
      if (reasons.length === 0) send(200, 'ok\n');
      else send(503, `not ready: ${reasons.join('; ')}\n`);
      return;
    }
    case '/metrics':
      await registry.metrics().then(
        (text) => send(200, text, registry.contentType),
        (error: Error) => send(500, `${error.message}\n`),
      );
      return;
    default:
      send(404, 'not found; see /healthz, /readyz and /metrics\n');
  }
}
