import { createServer, type Server } from 'node:http';

const KUBELET = 'http://127.0.0.1:10248/healthz';
const TIMEOUT_MS = 3_000;

/** Answers the host's liveness probe: bad only if the kubelet has once been well and now is not. */
export function serveHealth(port: number, kubelet = KUBELET): Server {
  let wasWell = false;
  const server = createServer((_request, response) => {
    void fetch(kubelet, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
      ({ ok }) => {
        wasWell ||= ok;
        response.writeHead(ok || !wasWell ? 200 : 503).end();
      },
      () => response.writeHead(wasWell ? 503 : 200).end(),
    );
  });
  return server.listen(port);
}
