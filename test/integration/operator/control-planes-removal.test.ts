import { beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { eventually, kubectl, list, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import {
  controlPlanes,
  createAll,
  createCluster,
  KINDS,
  objectsIn,
  selector,
} from './control-plane-harness.ts';
import { connect, connectAsOperator, installKinds } from './harness.ts';

let admin: KubeClient;
let client: KubeClient;
beforeAll(async () => {
  admin = await connect();
  client = await connectAsOperator();
  await installKinds();
});

test.each([
  ['complete', undefined],
  ['incomplete', 'statefulset,service,secret'],
] as const)(
  'remove deletes a control plane that is %s without a rest, and find creates nothing afterwards',
  async (what, lost) => {
    const namespace = `planes-removed-${what.replace(' ', '-')}`;
    const cluster = await createCluster(admin, namespace);
    const planes = controlPlanes(client);
    await createAll(admin, planes, cluster);
    if (lost) await kubectl(['delete', lost, '-n', namespace, '-l', selector]);
    await eventually(`nothing is left in ${namespace}`, 120, () => planes.remove(cluster));
    // A ReplicaSet creates pods until it is garbage-collected.
    await expect
      .poll(() => list(`${KINDS},replicasets`, '-n', namespace, '-l', selector), WITHIN_A_MINUTE)
      .toEqual([]);
    expect(await planes.find(cluster)).toBeUndefined();
    expect(await planes.remove(cluster)).toBe(true);
    expect(await objectsIn(namespace)).toEqual([]);
  },
);
