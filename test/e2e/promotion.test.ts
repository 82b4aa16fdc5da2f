import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { apply, eventually, kubectl, list, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { seededRandom } from '#test/seeded-random.ts';
import { answerTo, asClientOf } from './credentials.ts';
import { hostNode } from './host-node.ts';
import {
  ANNOTATION,
  aPromotion,
  type Before,
  cleanUpMachine,
  expectNoTraces,
  expectNothingLeft,
  marksOf,
  namespace,
  node,
  nodeStatus,
  prepareMachine,
  RANGES,
  returnMachine,
  runHostPod,
  uidOf,
  untilStarted,
} from './promoted-machine.ts';
import { mentionsOn, onMachine } from './residue.ts';
import { ownerOf } from './tenant.ts';
import { killOperators, status, untilPhase } from './world.ts';

/** Promotion needs a spare machine, which only the local cluster has. */
const local = process.env['CLUSTER'] !== 'existing';
const KILLS = Number(process.env['PINION_E2E_KILLS'] ?? 3);
const random = seededRandom();
const pause = (mostMs: number) => new Promise((resolve) => setTimeout(resolve, random() * mostMs));

let before: Before;
beforeAll(async () => {
  if (local) before = await prepareMachine();
});
afterAll(async () => {
  if (local) await cleanUpMachine();
});

test.runIf(local)(
  'a promoted node runs pods of its tenant, leaves the host, and returns unchanged, while operators are killed',
  async () => {
    await apply(aPromotion('moved'));
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(12_000);
      await killOperators();
    }
    const { nodes } = await untilPhase(namespace, 'moved', 'Completed', 300);
    expect(nodes).toEqual([expect.objectContaining({ name: node, kind: 'Promoted', phase: 'Ready' })]);
    expect(await hostNode(node)).toBeUndefined();
    await runTenantPod('moved');
    await expectNoTokens('moved');

    const [uid, texts] = [await uidOf('moved'), await marksOf('moved')];
    // Proves that the search for leftovers below finds something while the tenant is there.
    expect(await mentionsOn(node, texts)).not.toEqual([]);
    await returnMachine('moved');
    const returned = await hostNode(node);
    expect(returned?.metadata.labels).toMatchObject(before.node.metadata.labels);
    expect(returned?.metadata.annotations).toMatchObject({ [ANNOTATION]: 'r7' });
    const taints = async () => (await hostNode(node))?.spec.taints ?? [];
    await expect.poll(taints, WITHIN_A_MINUTE).toEqual(before.node.spec.taints ?? []);
    await runHostPod();
    await expectNothingLeft(before, uid, texts);
  },
);

async function runTenantPod(cluster: string): Promise<void> {
  const { kubectl: owner } = await ownerOf(namespace, cluster);
  const pod = ['run', 'here', `--image=${inject('executorImage')}`, '--restart=Never', '--command', '--'];
  await owner([...pod, 'node', '-e', 'console.log(6 * 7); setInterval(() => 0, 1000)']);
  await owner(['wait', 'pod/here', '--for=condition=Ready', '--timeout=120s']);
  expect(await owner(['get', 'pod', 'here', '-o', 'jsonpath={.spec.nodeName}'])).toBe(node);
}

/** The bootstrap tokens that let the node join are revoked. */
async function expectNoTokens(cluster: string): Promise<void> {
  const { kubectl: owner } = await ownerOf(namespace, cluster);
  const tokens = ['secrets', '-n', 'kube-system', '--field-selector=type=bootstrap.kubernetes.io/token'];
  expect(await owner(['get', ...tokens, '-o', 'name'])).toBe('');
}

test.runIf(local)('the credential of a node agent opens nothing in the host’s API', async () => {
  const read = (file: string) => onMachine(node, `cat /var/lib/pinion/agent/${file}`);
  const [cert, key] = await Promise.all([read('tls.crt'), read('tls.key')]);
  const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  expect(await answerTo(host, '/api')).toBe(200);
  expect(await answerTo(asClientOf(host, { cert, key }), '/api')).toBe(401);
  expect(await onMachine(node, 'grep -rlF client-key-data /var/lib/pinion/agent || true')).toBe('');
});

test.runIf(local)(
  'a second cluster gets a promoted node only once the first one has returned it',
  async () => {
    await apply(aPromotion('first'));
    await untilStarted('first');
    await apply(aPromotion('second'));
    const refused = await eventually('the second cluster reports NodeTaken', 180, async () => {
      const entry = await nodeStatus('second');
      return entry?.reason === 'NodeTaken' ? entry : undefined;
    });
    expect(refused.message).toContain(`${namespace}/first`);
    expect((await status(namespace, 'second'))?.reason).toContain('NodeTaken');
    await untilPhase(namespace, 'first', 'Completed', 300);
    await kubectl(['delete', 'vc', 'first', '-n', namespace, '--wait=false']);
    await untilPhase(namespace, 'second', 'Completed', 300);
    await returnMachine('second');
    await expectNoTraces(before);
  },
);

test.runIf(local).each(Array.from({ length: KILLS }, (_, round) => round))(
  'a node returns when its cluster is deleted during the promotion and operators are killed (round %i)',
  async () => {
    await apply(aPromotion('stopped'));
    await untilStarted('stopped');
    await pause(9_000);
    const uid = await uidOf('stopped');
    await killOperators();
    await kubectl(['delete', 'vc', 'stopped', '-n', namespace, '--wait=false']);
    await pause(5_000);
    await killOperators();
    await returnMachine('stopped');
    await runHostPod();
    await expectNothingLeft(before, uid, RANGES);
  },
);

test.runIf(local).each([
  ['a node of the host’s control plane', 'control-plane', 'ControlPlaneNode'],
  ['a node that does not exist', 'worker-77', 'NodeNotFound'],
])('a cluster that asks for %s reports the reason, and no node is cordoned', async (_what, name, reason) => {
  await apply(aPromotion('refused', [name]));
  await eventually(`the reason ${reason}`, 120, async () => {
    const nodes = (await status(namespace, 'refused'))?.nodes;
    return nodes?.some((entry) => entry.name === name && entry.reason === reason);
  });
  await kubectl(['delete', 'vc', 'refused', '-n', namespace, '--timeout=120s']);
  const nodes = await list<{ spec: { unschedulable?: boolean } }>('nodes');
  expect(nodes.filter(({ spec }) => spec.unschedulable)).toEqual([]);
});
