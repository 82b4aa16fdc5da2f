import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quantityValue } from '#api/quantity.ts';
import { KubeClient } from '#kube/client.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { configMaps } from '#kube/resources.ts';
import { etcd } from '#operator/control-planes/manifests/etcd.ts';
import type { RenderInput } from '#operator/control-planes/manifests/manifest.ts';
import { pressureOf, storageUse } from '#operator/control-planes/storage.ts';
import { type ApiServer, startApiServer } from '../apiserver.ts';

const SIZE = '512Mi';
const CLAIM = 'data-shop-etcd-0';

/** The flags about size of an etcd with a claim of this size. */
function sizeFlags(size: string): string[] {
  const spec = { storage: { size } };
  const input = {
    names: { etcd: 'shop-etcd' },
    namespace: 'shops',
    labels: {},
    images: {},
    hashes: {},
    podSettings: {},
    spec,
  };
  const [statefulSet] = etcd(input as unknown as RenderInput);
  const { template } = (statefulSet?.manifest['spec'] ?? {}) as {
    template?: { spec: { containers: { args: string[] }[] } };
  };
  const args = template?.spec.containers[0]?.args ?? [];
  return args.filter((arg) => /^--(quota-backend-bytes|snapshot-count|max-wals|max-snapshots)=/.test(arg));
}

let server: ApiServer;
let client: KubeClient;
beforeAll(async () => {
  server = await startApiServer({ etcdArgs: sizeFlags(SIZE) });
  client = new KubeClient(await kubeconfigConnection(server.kubeconfig));
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const quotaBytes = Number(sizeFlags(SIZE)[0]?.split('=')[1]);
const look = (wasPressed = false) => storageUse(client, { quotaBytes, wasPressed, now: Date.now() });
const stored = async () =>
  (await execa('du', ['-s', '--block-size=1', server.etcd.folder])).stdout.split('\t')[0];

/** A call of etcd's API, as etcdctl makes it. */
async function call(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.etcd.url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}

/** Creates large ConfigMaps until the API server refuses one. @returns its words */
async function fill(): Promise<string> {
  for (let i = 0; i < 1000; i++) {
    const data = { noise: randomBytes(500_000).toString('base64') };
    const created = client.create(configMaps, {
      metadata: { namespace: 'default', name: `noise-${i}` },
      data,
    });
    const refused = await created.then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (refused) return refused;
  }
  return 'never refused';
}

test('an etcd that fills up refuses writes before its volume is full, is reported, and is emptied as the docs say', async () => {
  const empty = await look();
  expect(empty).toMatchObject({ quotaBytes, refuses: false });
  expect(pressureOf(empty ?? { usedBytes: 0, quotaBytes: 0, refuses: true }, CLAIM)).toBeUndefined();

  expect(await fill()).toMatch(/database space exceeded/);
  expect(Number(await stored())).toBeLessThan(quantityValue(SIZE));
  const full = await look();
  expect(full && pressureOf(full, CLAIM)).toMatchObject({
    reason: 'EtcdFull',
    message: expect.stringMatching(
      /etcd has used 1[67]\d of 170 MiB on claim data-shop-etcd-0 and accepts no more writes/,
    ),
    full: true,
  });

  for (const { metadata } of (await client.list(configMaps, { namespace: 'default' })).items) {
    await client.delete(configMaps, metadata);
  }
  const { header } = (await call('maintenance/status', {})) as {
    header: { revision: string; member_id: string };
  };
  await call('kv/compaction', { revision: header.revision, physical: true });
  await call('maintenance/defragment', {});
  // The alarm outlives its cause.
  const alarmed = await look(true);
  expect(alarmed && pressureOf(alarmed, CLAIM)?.reason).toBe('EtcdFull');
  await call('maintenance/alarm', { action: 'DEACTIVATE', memberID: header.member_id, alarm: 'NOSPACE' });
  const emptied = await look(true);
  expect(emptied?.refuses).toBe(false);
  expect(emptied && pressureOf(emptied, CLAIM)).toBeUndefined();
}, 240_000);
