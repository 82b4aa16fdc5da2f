/** The spare machine of the local cluster, before, during and after its promotion. */
import { expect, inject } from 'vitest';
import { spareMachine } from '#local/names.ts';
import { aNamespace, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, get, kubectl, list, tryKubectl } from '#test/kubectl.ts';
import { type HostNode, hostNode, isReady, RETURN_SECONDS, takeBack } from './host-node.ts';
import { mentionsOn, newIn, type Traces, tracesOn } from './residue.ts';
import { ownerOf } from './tenant.ts';
import { status } from './world.ts';

export const namespace = 'e2e-promotion';
export const node = spareMachine;
/** Ranges and a folder that every tenant has on its machines. */
export const RANGES = ['10.200.', '10.112.', '/var/lib/pinion/tenant'];
const LABEL = 'e2e.example.com/disk';
export const ANNOTATION = 'e2e.example.com/rack';

/** A cluster without plugins that asks for the nodes. */
export const aPromotion = (name: string, nodes: string[] = [node]) => ({
  ...aVirtualCluster(namespace, name, []),
  spec: { promoteResources: { nodes }, pluginSet: { disabled: [{ name: '*' }] } },
});

/** The machine's entry in the status of a cluster. */
export const nodeStatus = async (name: string) =>
  (await status(namespace, name))?.nodes?.find((entry) => entry.name === node);

export const untilStarted = (name: string) =>
  eventually(
    `the promotion of ${node} into ${name} has started`,
    120,
    async () => (await nodeStatus(name))?.step !== undefined,
  );

export const uidOf = async (name: string) =>
  (await get<{ metadata: { uid: string } }>('vc', name, namespace))?.metadata.uid ?? '';

/** The machine as it was before any promotion. */
export type Before = { traces: Traces; node: HostNode };

/** Takes the machine back, labels its node, and records its state. */
export async function prepareMachine(): Promise<Before> {
  await takeBack(node);
  await tryKubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=300s']);
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=300s']);
  await apply(aNamespace(namespace));
  await kubectl(['label', 'node', node, `${LABEL}=ssd`, '--overwrite']);
  await kubectl(['annotate', 'node', node, `${ANNOTATION}=r7`, '--overwrite']);
  const agents = ['daemonset/pinion-node-agent', '-n', 'pinion-node-agent'];
  await kubectl(['rollout', 'status', ...agents, '--timeout=180s']);
  const traces = await tracesOn(node);
  // A node that has just returned still has transient taints.
  const settled = await eventually(`${node} has its lasting taints only`, 60, async () => {
    const current = await hostNode(node);
    const isTransient = current?.spec.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/'));
    return isTransient ? undefined : current;
  });
  return { traces, node: settled };
}

export async function cleanUpMachine(): Promise<void> {
  await tryKubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=300s']);
  await tryKubectl(['label', 'node', node, `${LABEL}-`]);
  await tryKubectl(['annotate', 'node', node, `${ANNOTATION}-`]);
}

/** Deletes the cluster, if that has not begun, and waits until the machine is a node of the host again. */
export async function returnMachine(name: string): Promise<void> {
  const start = Date.now();
  await kubectl(['delete', 'vc', name, '-n', namespace, '--ignore-not-found', '--wait=false']);
  await eventually(`${node} is a Ready node of the host`, RETURN_SECONDS, async () => {
    const current = await hostNode(node);
    return isReady(current) && current?.metadata.labels[LABEL] === 'ssd' && !current.spec.unschedulable;
  });
  console.log(`${node} returned after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  await kubectl(['wait', 'vc', name, '-n', namespace, '--for=delete', '--timeout=120s']);
}

/** Runs a pod of the host on the node, as proof that the node works. */
export async function runHostPod(): Promise<void> {
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

/** Processes that end by themselves may take a moment. */
const SOON = { timeout: 30_000, interval: 1_000 };

/** Expects nothing on the machine that was not there before. */
export const expectNoTraces = ({ traces }: Before) =>
  expect.poll(async () => newIn(traces, await tracesOn(node)), SOON).toEqual({});

/** Expects nothing of a cluster on the machine, in the host, or in these texts' places. */
export async function expectNothingLeft(before: Before, uid: string, texts: string[]): Promise<void> {
  await expectNoTraces(before);
  await expect.poll(() => mentionsOn(node, texts), SOON).toEqual([]);
  const kinds = 'pods,secrets,configmaps,services,deployments,statefulsets,pvc';
  await expect.poll(() => list(kinds, '-A', '-l', `kosmos.io/cluster-uid=${uid}`), SOON).toEqual([]);
}

/** Texts that only files and firewall rules of this tenant hold. */
export async function marksOf(name: string): Promise<string[]> {
  const { kubectl: owner } = await ownerOf(namespace, name);
  const ca = await owner(['get', 'configmap/kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}']);
  return [...RANGES, ca.split('\n')[5] ?? 'a CA of more than five lines'];
}
