import { createServer, type Server } from 'node:http';

const KUBELET = 'http://127.0.0.1:10248/healthz';
const TIMEOUT_MS = 3_000;

/** Serves the host's liveness probe. It fails only when the kubelet was healthy before and is not now. */
export function serveHealth(port: number, kubelet = KUBELET): Server {
  let wasHealthy = false;
  const server = createServer((_request, response) => {
    void fetch(kubelet, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
      ({ ok }) => {
        wasHealthy ||= ok;
        response.writeHead(ok || !wasHealthy ? 200 : 503).end();
      },
      () => response.writeHead(wasHealthy ? 503 : 200).end(),
    );
  });
  return server.listen(port);
}
