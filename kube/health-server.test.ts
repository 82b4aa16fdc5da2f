import { afterAll, describe, expect, test } from 'vitest';
import { type HealthServer, startHealthServer } from './health-server.ts';

const servers: HealthServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function get(
  path: string,
  { reasons = [] as string[], metrics = async () => 'pinion_leader 1\n' } = {},
) {
  const registry = { contentType: 'text/plain; version=0.0.4', metrics };
  const server = await startHealthServer({ port: 0, registry, notReady: () => reasons });
  servers.push(server);
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { code: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('the health server', () => {
  test.for([
    ['is healthy while it is not ready', '/healthz', ['caches'], 200, 'ok\n'],
    ['is ready without reasons', '/readyz', [], 200, 'ok\n'],
    ['says why it is not ready', '/readyz', ['caches', 'CA'], 503, 'not ready: caches; CA\n'],
    ['ignores a query', '/readyz?verbose', [], 200, 'ok\n'],
    ['names its paths for any other', '/', [], 404, 'not found; see /healthz, /readyz and /metrics\n'],
  ] as const)('%s', async ([, path, reasons, code, text]) => {
    expect(await get(path, { reasons: [...reasons] })).toMatchObject({ code, text });
  });

  test('serves metrics with the content type of the registry', async () => {
    expect(await get('/metrics')).toEqual({
      code: 200,
      type: 'text/plain; version=0.0.4',
      text: 'pinion_leader 1\n',
    });
  });

  test('answers 500 when the metrics cannot be collected', async () => {
    const metrics = () => Promise.reject(new Error('no gauge'));
    expect(await get('/metrics', { metrics })).toMatchObject({ code: 500, text: 'no gauge\n' });
  });
});
