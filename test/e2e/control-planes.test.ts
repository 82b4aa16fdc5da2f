import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ANNOTATION, API_VERSION, CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import { parseKubeconfig, type Target } from '#api/kubeconfig.ts';
import { configMaps } from '#kube/resources.ts';
import { apply, eventually, get, kubectl, list, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { answerTo, withClient } from './credentials.ts';
import { replacePods } from './lost-pods.ts';
import { freshNamespace, status, untilPhase } from './world.ts';

const namespace = 'e2e-control-planes';
/** A plain control plane, and one with two API servers and certificates that are renewed after two minutes. */
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

/** The kubeconfig of a tenant's owner. */
async function ownerTarget(name: string): Promise<Target> {
  const secret = await get<{ data: { kubeconfig: string } }>('secret', `${name}-kubeconfig`, namespace);
  return parseKubeconfig(Buffer.from(secret?.data.kubeconfig ?? '', 'base64').toString());
}

const PATH = '/api/v1/namespaces/default';
const read = (target: Target, signal = AbortSignal.timeout(5_000)) =>
  withClient(target, (client) => client.text(PATH, undefined, { signal }));

/** The certificate that the endpoint serves with, or undefined when it doesn't answer. */
const servedBy = ({ server }: Target) =>
  new Promise<X509Certificate | undefined>((resolve) => {
    const { hostname: host, port } = new URL(server);
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate());
      socket.destroy();
    });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('error', () => undefined).on('close', () => resolve(undefined));
  });

test('a VirtualCluster without nodes gets a control plane and a kubeconfig for its owner', async () => {
  await untilPhase(namespace, PLAIN, 'Initialized', 90);
  const current = await status(namespace, PLAIN);
  expect(current).toMatchObject({
    kubeconfigSecretRef: { name: `${PLAIN}-kubeconfig`, key: 'kubeconfig' },
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', reason: 'NoNodes' })]),
  });
  const target = await ownerTarget(PLAIN);
  expect(new URL(target.server).port).toBe(String(current?.port));
  await expect.poll(() => read(target), WITHIN_A_MINUTE).toContain('"kubernetes.io/metadata.name":"default"');
  expect(await kubectl(['get', 'vc', PLAIN, '-n', namespace])).toContain('Initialized');
});

test.each([
  ['etcd', 'etcd'],
  ['API server', 'kube-apiserver'],
])('a tenant answers again with its data after the loss of its %s pod', async (_what, program) => {
  await untilPhase(namespace, PLAIN, 'Initialized', 90);
  const target = await ownerTarget(PLAIN);
  const name = `kept-${program}`;
  await withClient(target, (client) =>
    client.create(configMaps, { metadata: { namespace: 'default', name }, data: { kept: 'yes' } }),
  );
  const pods = ['-n', namespace, '-l', `${selector(PLAIN)},app.kubernetes.io/name=${program}`];
  await replacePods(pods);
  const data = await eventually(`the tenant has ${name}`, 90, () =>
    withClient(target, (client) => client.get(configMaps, { namespace: 'default', name })).then(
      (configMap) => configMap.data,
      () => undefined,
    ),
  );
  expect(data).toEqual({ kept: 'yes' });
});

test('the kubeconfig of a tenant opens neither the host nor another tenant', async () => {
  for (const name of [PLAIN, SHORT]) await untilPhase(namespace, name, 'Initialized', 90);
  const { cert, key } = await ownerTarget(PLAIN);
  const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  for (const { server, ca } of [host, await ownerTarget(SHORT)]) {
    const elsewhere = { server, ca, cert, key, insecureSkipTlsVerify: false };
    await expect.poll(() => answerTo(elsewhere, PATH), WITHIN_A_MINUTE).toBe(401);
  }
});

test('an API server answers every second while its certificates are renewed', async () => {
  await untilPhase(namespace, SHORT, 'Initialized', 90);
  await kubectl(['rollout', 'status', `deployment/${SHORT}-apiserver`, '-n', namespace, '--timeout=90s']);
  let target = await ownerTarget(SHORT);
  const before = await eventually('the API servers answer', 60, () => servedBy(target));
  const failures: string[] = [];
  let requests = 0;
  const watching = new AbortController();
  const request = async () => {
    const signal = AbortSignal.timeout(15_000);
    await read(target, signal).catch((error) => {
      if (!signal.aborted) throw error;
      // A connection that starts while kube-proxy writes its rules hangs; a second one must not.
      return read(target, AbortSignal.timeout(15_000));
    });
  };
  const watch = async () => {
    while (!watching.signal.aborted) {
      // New credentials of the owner appear in the same Secret.
      if (requests % 5 === 0) target = await ownerTarget(SHORT);
      await request().catch((error: Error) => failures.push(`${new Date().toISOString()} ${error.message}`));
      requests++;
      await new Promise((resume) => setTimeout(resume, 1_000));
    }
  };
  const watched = watch();
  try {
    const renewed = await eventually('all API servers serve with a new certificate', 300, async () => {
      const now = await Promise.all(Array.from({ length: 6 }, () => servedBy(target)));
      return (
        now.every((certificate) => certificate && certificate.serialNumber !== before.serialNumber) && now[0]
      );
    });
    expect(Date.parse(renewed.validTo)).toBeGreaterThan(Date.parse(before.validTo));
    await kubectl(['rollout', 'status', `deployment/${SHORT}-apiserver`, '-n', namespace, '--timeout=120s']);
    await eventually('20 requests were sent', 120, async () => requests > 20);
  } finally {
    watching.abort();
    await watched;
  }
  expect(failures).toEqual([]);
});

test('deleting VirtualClusters leaves nothing of their control planes', async () => {
  await kubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=120s']);
  const kinds = 'all,secrets,configmaps,persistentvolumeclaims,networkpolicies,poddisruptionbudgets';
  // ReplicaSets are garbage collected.
  for (const name of [PLAIN, SHORT])
    await expect.poll(() => list(kinds, '-n', namespace, '-l', selector(name)), WITHIN_A_MINUTE).toEqual([]);
});
