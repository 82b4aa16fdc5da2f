import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { pods } from '#kube/resources.ts';
import { eventually } from '#test/kubectl.ts';
import {
  connect,
  given,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

let client: KubeClient;
const PLUGINS = ['one', 'two', 'three'];

beforeAll(async () => {
  client = await connect();
  await installKinds();
});
afterAll(() => client.close());

/** Dies at the write of this number: nothing it does afterwards reaches the API. */
function mortal(atWrite: number) {
  const state = { writes: 0, dead: false };
  const betweenWrites = () => {
    if (++state.writes >= atWrite) state.dead = true;
    if (state.dead) throw new Error('killed');
  };
  return { state, betweenWrites };
}

// finalizer and the installations, then create, status, secret and unsuspend of each, then the status.
test.for([1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 16])(
  'an operator killed after write %i leaves every plugin with exactly one Job and one pod',
  async (atWrite) => {
    const label = `crash-${atWrite}`;
    const namespace = `op-${label}`;
    const { state, betweenWrites } = mortal(atWrite);
    const first = await startOperator(label, { betweenWrites });
    await given(label, namespace, PLUGINS);
    await eventually('it is killed', 90, async () => state.dead);
    const stopped = first.stop();
    const second = await startOperator(label);
    await stopped;
    for (const plugin of PLUGINS) await succeed(client, await podOf(client, namespace, plugin));
    await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed');
    expect(await jobsIn(client, namespace)).toHaveLength(PLUGINS.length);
    expect((await client.list(pods, { namespace })).items).toHaveLength(PLUGINS.length);
    await second.stop();
  },
);
