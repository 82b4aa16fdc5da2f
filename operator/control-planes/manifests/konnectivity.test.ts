import { expect, test } from 'vitest';
import { apiServerConfig } from './konnectivity.ts';
import type { RenderInput } from './manifest.ts';

test('every call that a tenant makes its API server do goes through the konnectivity tunnel, by Service or by URL', () => {
  const input = { names: { apiServer: 'shop-apiserver' }, labels: {} } as unknown as RenderInput;
  const { data } = apiServerConfig(input).manifest as unknown as { data: Record<string, string> };
  const { egressSelections } = JSON.parse(data['egress.yaml'] ?? '');
  const selections = egressSelections.map(({ name, connection }: { name: string; connection: object }) => [
    name,
    connection,
  ]);
  const tunnel = {
    proxyProtocol: 'GRPC',
    transport: { uds: { udsName: '/run/konnectivity/server.sock' } },
  };
  expect(Object.fromEntries(selections)).toEqual({ cluster: tunnel, controlplane: tunnel });
});
