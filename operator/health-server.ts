import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

/** Serves /healthz, /readyz and /metrics. `ready` says whether the caches are filled. */
export async function startHealthServer(of: {
  port: number;
  registry: Registry;
  ready: () => boolean;
}): Promise<Server> {
  const answer = (response: ServerResponse, code: number, text: string, type = 'text/plain') =>
    response.writeHead(code, { 'content-type': type }).end(text);
  const server = createServer((request, response) => {
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        answer(response, 200, 'ok\n');
        break;
      case '/readyz':
        answer(response, of.ready() ? 200 : 503, of.ready() ? 'ok\n' : 'the caches are not filled yet\n');
        break;
      case '/metrics':
        of.registry.metrics().then(
          (text) => answer(response, 200, text, of.registry.contentType),
          (error: Error) => answer(response, 500, `${error.message}\n`),
        );
        break;
      default:
        answer(response, 404, 'see /healthz, /readyz and /metrics\n');
    }
  });
  server.headersTimeout = 5_000;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(of.port, listening);
  });
  return server;
}
