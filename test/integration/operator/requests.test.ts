import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { configMaps, type Pod, pods } from '#kube/resources.ts';
import { eventually } from '#test/kubectl.ts';
import { connect, given, installKinds, startOperator, succeed, whenCluster } from './harness.ts';
import { countRequests } from './requests.ts';

const LABEL = 'requests';
const INSTALLS = 20;

let client: KubeClient;
let operator: { stop: () => Promise<void> };

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL);
});
afterAll(() => operator?.stop());

test('an install costs the operator at most 12 requests, its kept log included', async () => {
  const namespace = 'op-requests';
  const { counts, stop } = countRequests(namespace);
  const plugins = Array.from({ length: INSTALLS }, (_, i) => `p${i}`);
  await given(LABEL, namespace, plugins);
  const playing = new AbortController();
  const played = playKubelet(namespace, playing.signal);
  await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed', 180);
  await eventually('every log is kept', 90, async () => {
    const labelSelector = 'app.kubernetes.io/component=plugin-executor';
    return (await client.list(configMaps, { namespace, labelSelector })).items.length === INSTALLS;
  });
  playing.abort();
  await played;
  // Whatever is written later belongs to it too.
  await sleep(3_000);
  stop();
  const each = [...counts].map(([what, count]) => [what, count / INSTALLS] as const);
  const all = each.reduce((sum, [, count]) => sum + count, 0);
  expect(all, JSON.stringify(Object.fromEntries(each))).toBeLessThanOrEqual(12);
});

/** Every pod runs after half a second and has succeeded two seconds later. */
async function playKubelet(namespace: string, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  const run = async (pod: Pod) => {
    await sleep(500);
    const state = { running: { startedAt: new Date().toISOString().replace(/\.\d+Z/, 'Z') } };
    const containers = [{ name: 'executor', ready: true, restartCount: 0, image: 'x', imageID: 'x', state }];
    const status = { phase: 'Running', containerStatuses: containers };
    await client.patch(pods, pod.metadata, { status }, { subresource: 'status' });
    await sleep(2_000);
    await succeed(client, pod);
  };
  const runs: Promise<void>[] = [];
  while (!signal.aborted) {
    for (const pod of (await client.list(pods, { namespace })).items) {
      if (seen.has(pod.metadata.uid)) continue;
      seen.add(pod.metadata.uid);
      runs.push(run(pod));
    }
    await sleep(200);
  }
  await Promise.all(runs);
}
