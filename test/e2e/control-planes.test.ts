import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ANNOTATION, API_VERSION, CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import { parseKubeconfig, type Target } from '#api/kubeconfig.ts';
import { configMaps, type Pod } from '#kube/resources.ts';
import { apply, eventually, get, kubectl, list, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { answerTo, withClient } from './credentials.ts';
import { freshNamespace, status, untilPhase } from './world.ts';

const namespace = 'e2e-control-planes';
/** Nothing but a control plane; and one of two API servers with certificates that are renewed after two minutes. */
const PLAIN = 'plain';
const SHORT = 'short-lived';
const selector = (name: string) =>
  `${LABEL.component}=${CONTROL_PLANE_COMPONENT},${LABEL.clusterName}=${name}`;

const aManagedCluster = (name: string, spec: object = {}, annotations: Record<string, string> = {}) => ({
  apiVersion: API_VERSION,
  kind: 'VirtualCluster',
  metadata: { namespace, name, annotations },
  spec,
});

beforeAll(async () => {
  await freshNamespace(namespace);
  await apply(
    aManagedCluster(PLAIN),
    aManagedCluster(
      SHORT,
      { kubeInKubeConfig: { apiServerReplicas: 2 } },
      { [ANNOTATION.certificateLifetime]: '3m' },
    ),
  );
});
afterAll(() => kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']));

/** What the owner of a tenant has. */
async function owner(name: string): Promise<Target> {
  const secret = await get<{ data: { kubeconfig: string } }>('secret', `${name}-kubeconfig`, namespace);
  return parseKubeconfig(Buffer.from(secret?.data.kubeconfig ?? '', 'base64').toString());
}

const PATH = '/api/v1/namespaces/default';
const read = (target: Target, signal = AbortSignal.timeout(5_000)) =>
  withClient(target, (client) => client.text(PATH, undefined, { signal }));

const isReady = ({ status: { conditions = [] } = {} }: Pod) =>
  conditions.some((one) => one.type === 'Ready' && one.status === 'True');

/** The certificate that the entry serves with, or undefined when it doesn't answer. */
const served = ({ server }: Target) =>
  new Promise<X509Certificate | undefined>((resolve) => {
    const { hostname: host, port } = new URL(server);
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate());
      socket.destroy();
    });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('error', () => undefined).on('close', () => resolve(undefined));
  });

test('a VirtualCluster without nodes gets a control plane, and its owner a kubeconfig', async () => {
  await untilPhase(namespace, PLAIN, 'Initialized', 90);
  const found = await status(namespace, PLAIN);
  expect(found).toMatchObject({
    kubeconfigSecretRef: { name: `${PLAIN}-kubeconfig`, key: 'kubeconfig' },
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', reason: 'NoNodes' })]),
  });
  const target = await owner(PLAIN);
  expect(new URL(target.server).port).toBe(String(found?.port));
  await expect.poll(() => read(target), WITHIN_A_MINUTE).toContain('"kubernetes.io/metadata.name":"default"');
  expect(await kubectl(['get', 'vc', PLAIN, '-n', namespace])).toContain('Initialized');
});

test.each([
  ['etcd', 'etcd'],
  ['API server', 'kube-apiserver'],
])('when the pod of the %s is lost, the tenant answers again and has its data', async (_what, program) => {
  const target = await owner(PLAIN);
  const name = `kept-${program}`;
  await withClient(target, (client) =>
    client.create(configMaps, { metadata: { namespace: 'default', name }, data: { kept: 'yes' } }),
  );
  const pods = ['-n', namespace, '-l', `${selector(PLAIN)},app.kubernetes.io/name=${program}`];
  const lost = await list<Pod>('pods', ...pods);
  await kubectl(['delete', 'pod', ...pods, '--grace-period=0', '--force']);
  await eventually(`another pod of ${program} is Ready`, 90, async () => {
    const found = await list<Pod>('pods', ...pods);
    const isNew = ({ metadata }: Pod) => lost.every((one) => one.metadata.uid !== metadata.uid);
    return found.length > 0 && found.every((pod) => isNew(pod) && isReady(pod));
  });
  const data = await eventually(`the tenant has ${name}`, 90, () =>
    withClient(target, (client) => client.get(configMaps, { namespace: 'default', name })).then(
      (found) => found.data,
      () => undefined,
    ),
  );
  expect(data).toEqual({ kept: 'yes' });
});

test('the kubeconfig of a tenant opens neither the host nor another tenant', async () => {
  await untilPhase(namespace, SHORT, 'Initialized', 90);
  const { cert, key } = await owner(PLAIN);
  const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  for (const { server, ca } of [host, await owner(SHORT)]) {
    const elsewhere = { server, ca, cert, key, insecureSkipTlsVerify: false };
    await expect.poll(() => answerTo(elsewhere, PATH), WITHIN_A_MINUTE).toBe(401);
  }
});

test('certificates are renewed while who asks every second is always answered', async () => {
  await untilPhase(namespace, SHORT, 'Initialized', 90);
  await kubectl(['rollout', 'status', `deployment/${SHORT}-apiserver`, '-n', namespace, '--timeout=90s']);
  let target = await owner(SHORT);
  const before = await eventually('its API servers serve', 60, () => served(target));
  const refused: string[] = [];
  let asked = 0;
  const watching = new AbortController();
  const ask = async () => {
    const signal = AbortSignal.timeout(15_000);
    await read(target, signal).catch((error) => {
      if (!signal.aborted) throw error;
      // A connection that is begun while kube-proxy writes its rules hangs: a second one must not.
      return read(target, AbortSignal.timeout(15_000));
    });
  };
  const watch = async () => {
    while (!watching.signal.aborted) {
      // Owners get new credentials in the same Secret.
      if (asked % 5 === 0) target = await owner(SHORT);
      await ask().catch((error: Error) => refused.push(`${new Date().toISOString()} ${error.message}`));
      asked++;
      await new Promise((resume) => setTimeout(resume, 1_000));
    }
  };
  const watched = watch();
  try {
    const renewed = await eventually('all API servers serve with a new certificate', 300, async () => {
      const now = await Promise.all(Array.from({ length: 6 }, () => served(target)));
      return now.every((one) => one && one.serialNumber !== before.serialNumber) && now[0];
    });
    expect(Date.parse(renewed.validTo)).toBeGreaterThan(Date.parse(before.validTo));
    await kubectl(['rollout', 'status', `deployment/${SHORT}-apiserver`, '-n', namespace, '--timeout=120s']);
    await eventually('it was asked often', 120, async () => asked > 20);
  } finally {
    watching.abort();
    await watched;
  }
  expect(refused).toEqual([]);
});

test('a deleted VirtualCluster leaves nothing of its control plane', async () => {
  await kubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=120s']);
  const kinds = 'all,secrets,configmaps,persistentvolumeclaims,networkpolicies,poddisruptionbudgets';
  // ReplicaSets go by garbage collection.
  for (const name of [PLAIN, SHORT])
    await expect.poll(() => list(kinds, '-n', namespace, '-l', selector(name)), WITHIN_A_MINUTE).toEqual([]);
});
