import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { spareMachine } from '#local/names.ts';
import { aNamespace, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, get, kubectl, list, tryKubectl, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { answerTo, asClientOf } from './credentials.ts';
import { type HostNode, hostNode, isReady, RETURN_SECONDS, takeBack } from './host-node.ts';
import { mentionsOn, newIn, onMachine, type Traces, tracesOn } from './residue.ts';
import { ownerOf } from './tenant.ts';
import { killOperators, status, untilPhase } from './world.ts';

const namespace = 'e2e-promotion';
const node = spareMachine;
const KILLS = Number(process.env['PINION_E2E_KILLS'] ?? 3);
/** Of every tenant: its pods, its Services, its folder on the machine. */
const RANGES = ['10.200.', '10.112.', '/var/lib/pinion/tenant'];
const LABEL = 'e2e.example.com/disk';
const ANNOTATION = 'e2e.example.com/rack';

/** A cluster without plugins that asks for the node. */
const aTaker = (name: string, nodes: string[] = [node]) => ({
  ...aVirtualCluster(namespace, name, []),
  spec: { promoteResources: { nodes }, pluginSet: { disabled: [{ name: '*' }] } },
});

const nodeStatus = async (name: string) =>
  (await status(namespace, name))?.nodes?.find((one) => one.name === node);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function backInHost(name: string): Promise<void> {
  const began = Date.now();
  await kubectl(['delete', 'vc', name, '-n', namespace, '--ignore-not-found', '--wait=false']);
  await eventually(`${node} is a Ready node of the host`, RETURN_SECONDS, async () => {
    const found = await hostNode(node);
    return isReady(found) && found?.metadata.labels[LABEL] === 'ssd' && !found.spec.unschedulable;
  });
  console.log(`${node} is back after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await kubectl(['wait', 'vc', name, '-n', namespace, '--for=delete', '--timeout=120s']);
}

/** A pod of the host on the node, as proof that it works. */
async function hostPodRuns(): Promise<void> {
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe', namespace },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      enableServiceLinks: false,
      containers: [{ name: 'probe', image: inject('executorImage'), command: ['node', '-e', '1'] }],
    },
  });
  await eventually('a pod of the host runs on the node', 60, async () => {
    const pod = await get<{ status: { phase: string } }>('pod', 'probe', namespace);
    return pod?.status.phase === 'Succeeded';
  });
  await kubectl(['delete', 'pod', 'probe', '-n', namespace, '--grace-period=0', '--force']);
}

/** What ends by itself may take a moment. */
const SOON = { timeout: 30_000, interval: 1_000 };
const noTraces = () => expect.poll(async () => newIn(before, await tracesOn(node)), SOON).toEqual({});

async function nothingIsLeft(uid: string, texts: string[]): Promise<void> {
  await noTraces();
  await expect.poll(() => mentionsOn(node, texts), SOON).toEqual([]);
  const kinds = 'pods,secrets,configmaps,services,deployments,statefulsets,pvc';
  await expect.poll(() => list(kinds, '-A', '-l', `kosmos.io/cluster-uid=${uid}`), SOON).toEqual([]);
}

const uidOf = async (name: string) =>
  (await get<{ metadata: { uid: string } }>('vc', name, namespace))?.metadata.uid ?? '';

/** What only this tenant's files and rules can say. */
async function marksOf(name: string): Promise<string[]> {
  const { kubectl: owner } = await ownerOf(namespace, name);
  const ca = await owner(['get', 'configmap/kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}']);
  return [...RANGES, ca.split('\n')[5] ?? 'a CA of more than five lines'];
}

let before: Traces;
let was: HostNode | undefined;

describe.skipIf(process.env['CLUSTER'] === 'existing')('a host node that is moved', () => {
  beforeAll(async () => {
    await takeBack(node);
    await tryKubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=300s']);
    await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=300s']);
    await apply(aNamespace(namespace));
    await kubectl(['label', 'node', node, `${LABEL}=ssd`, '--overwrite']);
    await kubectl(['annotate', 'node', node, `${ANNOTATION}=r7`, '--overwrite']);
    await kubectl([
      'rollout',
      'status',
      'daemonset/pinion-node-agent',
      '-n',
      'pinion-node-agent',
      '--timeout=180s',
    ]);
    before = await tracesOn(node);
    // One that has just come back is still marked as not ready.
    was = await eventually(`${node} has its lasting taints only`, 60, async () => {
      const found = await hostNode(node);
      return found?.spec.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/')) ? undefined : found;
    });
  });
  afterAll(async () => {
    await tryKubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=300s']);
    await tryKubectl(['label', 'node', node, `${LABEL}-`]);
    await tryKubectl(['annotate', 'node', node, `${ANNOTATION}-`]);
  });

  test('runs pods of the tenant, is no node of the host meanwhile, and comes back as it was', async () => {
    await apply(aTaker('moved'));
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(Math.random() * 12_000);
      await killOperators();
    }
    const done = await untilPhase(namespace, 'moved', 'Completed', 300);
    expect(done.nodes).toEqual([expect.objectContaining({ name: node, kind: 'Promoted', phase: 'Ready' })]);
    expect(await hostNode(node)).toBeUndefined();
    const { kubectl: owner } = await ownerOf(namespace, 'moved');
    const pod = ['run', 'here', `--image=${inject('executorImage')}`, '--restart=Never', '--command', '--'];
    await owner([...pod, 'node', '-e', 'console.log(6 * 7); setInterval(() => 0, 1000)']);
    await owner(['wait', 'pod/here', '--for=condition=Ready', '--timeout=120s']);
    expect(await owner(['get', 'pod', 'here', '-o', 'jsonpath={.spec.nodeName}'])).toBe(node);
    // Credentials that let the node in are of no use any more.
    const tokens = [
      'get',
      'secrets',
      '-n',
      'kube-system',
      '--field-selector=type=bootstrap.kubernetes.io/token',
    ];
    expect(await owner([...tokens, '-o', 'name'])).toBe('');

    const [uid, texts] = [await uidOf('moved'), await marksOf('moved')];
    expect(await mentionsOn(node, texts)).not.toEqual([]); // or nothing is proven below
    await backInHost('moved');
    const back = await hostNode(node);
    expect(back?.metadata.labels).toMatchObject(was?.metadata.labels ?? {});
    expect(back?.metadata.annotations).toMatchObject({ [ANNOTATION]: 'r7' });
    const taints = async () => (await hostNode(node))?.spec.taints ?? [];
    await expect.poll(taints, WITHIN_A_MINUTE).toEqual(was?.spec.taints ?? []);
    await hostPodRuns();
    await nothingIsLeft(uid, texts);
  });

  test('has an agent whose credential opens nothing in the host', async () => {
    const read = (file: string) => onMachine(node, `cat /var/lib/pinion/agent/${file}`);
    const [cert, key] = await Promise.all([read('tls.crt'), read('tls.key')]);
    const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
    expect(await answerTo(host, '/api')).toBe(200);
    expect(await answerTo(asClientOf(host, { cert, key }), '/api')).toBe(401);
    expect(await onMachine(node, 'grep -rlF client-key-data /var/lib/pinion/agent || true')).toBe('');
  });

  test('is another cluster’s only once it is given back', async () => {
    await apply(aTaker('first'));
    await eventually(
      'the first one takes it',
      120,
      async () => (await nodeStatus('first'))?.step !== undefined,
    );
    await apply(aTaker('second'));
    const refused = await eventually('the second one says why not', 180, async () => {
      const found = await nodeStatus('second');
      return found?.reason === 'NodeTaken' ? found : undefined;
    });
    expect(refused.message).toContain(`${namespace}/first`);
    expect((await status(namespace, 'second'))?.reason).toContain('NodeTaken');
    await untilPhase(namespace, 'first', 'Completed', 300);
    await kubectl(['delete', 'vc', 'first', '-n', namespace, '--wait=false']);
    await untilPhase(namespace, 'second', 'Completed', 300);
    await backInHost('second');
    await noTraces();
  });

  test.each(Array.from({ length: KILLS }, (_, round) => round))(
    'comes back though its cluster is deleted on the way, and the operator killed (%i)',
    async () => {
      await apply(aTaker('stopped'));
      await eventually(
        'it is on the way',
        120,
        async () => (await nodeStatus('stopped'))?.step !== undefined,
      );
      await pause(Math.random() * 9_000);
      const uid = await uidOf('stopped');
      await killOperators();
      await kubectl(['delete', 'vc', 'stopped', '-n', namespace, '--wait=false']);
      await pause(Math.random() * 5_000);
      await killOperators();
      await backInHost('stopped');
      await hostPodRuns();
      await nothingIsLeft(uid, RANGES);
    },
  );

  test.each([
    ['the host’s control plane', 'control-plane', 'ControlPlaneNode'],
    ['one that does not exist', 'worker-77', 'NodeNotFound'],
  ])('is not %s, and it is said', async (_what, name, reason) => {
    await apply(aTaker('refused', [name]));
    await eventually(`the reason ${reason}`, 120, async () => {
      const found = await status(namespace, 'refused');
      return found?.nodes?.some((one) => one.name === name && one.reason === reason);
    });
    await kubectl(['delete', 'vc', 'refused', '-n', namespace, '--timeout=120s']);
    expect(
      (await list<{ spec: { unschedulable?: boolean } }>('nodes')).some(({ spec }) => spec.unschedulable),
    ).toBe(false);
  });
});
