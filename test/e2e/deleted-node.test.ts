import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spareMachine } from '#local/names.ts';
import { aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl, list } from '#test/kubectl.ts';
import { type HostNode, isReady, takeBack } from './host-node.ts';
import { ownerOf } from './tenant.ts';
import { freshNamespace, untilPhase } from './world.ts';

const namespace = 'e2e-deleted-node';
const name = 'deleted-nodes';
type NodeObject = HostNode & { metadata: { name: string; uid: string } };

describe.skipIf(process.env['CLUSTER'] === 'existing')("a Node that a tenant's owner deletes", () => {
  beforeAll(async () => {
    await takeBack(spareMachine);
    await freshNamespace(namespace);
    await apply({
      ...aVirtualCluster(namespace, name, []),
      spec: {
        promoteResources: { nodes: [spareMachine], resources: { cpu: '250m', memory: '512Mi' } },
        pluginSet: { disabled: [{ name: '*' }] },
      },
    });
    await untilPhase(namespace, name, 'Completed', 240);
  });

  // The demo and other tests need the machine.
  afterAll(() => kubectl(['delete', 'vc', name, '-n', namespace, '--timeout=300s']));

  test('comes back, for a machine and for a worker pod', async () => {
    const { kubectl: owner, path } = await ownerOf(namespace, name);
    const nodes = () => list<NodeObject>('nodes', `--kubeconfig=${path}`);
    const deleted = (await nodes()).map(({ metadata }) => metadata.uid);
    expect(deleted).toHaveLength(2);
    await owner(['delete', 'nodes', '--all']);
    await eventually('two new nodes are Ready', 240, async () => {
      const ready = (await nodes()).filter((node) => !deleted.includes(node.metadata.uid) && isReady(node));
      return ready.length === 2 && ready.some(({ metadata }) => metadata.name === spareMachine);
    });
    await untilPhase(namespace, name, 'Completed', 60);
  });
});
