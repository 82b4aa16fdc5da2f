import { expect, test } from 'vitest';
import { apiServerConfig } from './konnectivity.ts';
import type { Blueprint } from './manifest.ts';

test('whatever a tenant has its API server call goes through the tunnel, by Service or by URL', () => {
  const blueprint = { names: { apiServer: 'shop-apiserver' }, labels: {} } as unknown as Blueprint;
  const { data } = apiServerConfig(blueprint).manifest as unknown as { data: Record<string, string> };
  const { egressSelections } = JSON.parse(data['egress.yaml'] ?? '');
  const ways = egressSelections.map(({ name, connection }: { name: string; connection: object }) => [
    name,
    connection,
  ]);
  const tunnel = {
    proxyProtocol: 'GRPC',
    transport: { uds: { udsName: '/run/konnectivity/server.sock' } },
  };
  expect(Object.fromEntries(ways)).toEqual({ cluster: tunnel, controlplane: tunnel });
});
