import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseKubeconfig, writeKubeconfig } from '#api/kubeconfig.ts';
import { aPlugin, aSecret, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl, list, tryKubectl } from '#test/kubectl.ts';
import { freshStore, slowChart } from './store.ts';
import { freshNamespace, status, untilPhase, untilPlugin } from './world.ts';

const namespace = 'e2e-time';
const POLICY = 'e2e-time-sidecar';

const GATE = 'gate';
/** The target goes away in the middle of helm. */
const chartFiles = slowChart('app', 15);

const image = inject('executorImage');

beforeAll(async () => {
  await freshNamespace(namespace);
  await freshStore(namespace, chartFiles);
});

afterAll(async () => {
  await kubectl(['delete', 'mutatingadmissionpolicybinding', POLICY, '--ignore-not-found']);
  await kubectl(['delete', 'mutatingadmissionpolicy', POLICY, '--ignore-not-found']);
});

/** Passes bytes on to the API server: deleting its pod cuts what is open, which an EndpointSlice would not. */
const PROXY = `const net = require('net');
net.createServer((near) => {
  const far = net.connect(443, 'kubernetes.default.svc');
  for (const socket of [near, far]) socket.on('error', () => { near.destroy(); far.destroy(); });
  near.pipe(far); far.pipe(near);
}).listen(8443);`;

/** Opens or closes the way to the API server through the Service `gate`. */
async function open(isOpen: boolean): Promise<void> {
  await kubectl(['scale', `deployment/${GATE}`, '-n', namespace, `--replicas=${isOpen ? 1 : 0}`]);
  if (isOpen) await kubectl(['rollout', 'status', `deployment/${GATE}`, '-n', namespace, '--timeout=120s']);
}

/** The gate, and a Secret `gated`: the kubeconfig of the cluster under test by way of it. */
async function gatedKubeconfig(): Promise<void> {
  const labels = { app: GATE };
  const container = { name: GATE, image: inject('executorImage'), command: ['node', '-e', PROXY] };
  const pod = { terminationGracePeriodSeconds: 0, containers: [container] };
  await apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: GATE },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: GATE },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    },
  );
  await open(true);
  const address = await kubectl(['get', 'svc', GATE, '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}']);
  const target = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  const kubeconfig = writeKubeconfig({
    ...target,
    server: `https://${address}`,
    tlsServerName: 'kubernetes.default.svc',
  });
  await apply(aSecret(namespace, 'gated', { kubeconfig }));
}

test('a target that is away for a minute in the middle of an install needs no person', async () => {
  await gatedKubeconfig();
  const chart = { storage: { pvPath: 'store-store-0:/pv/app' }, values: { image } };
  await apply(
    aPlugin(namespace, 'app', { targetNamespace: namespace, timeout: '30m', pluginSources: { chart } }),
  );
  const cluster = aVirtualCluster(namespace, 'gated', ['app']);
  const spec = { ...(cluster['spec'] as object), kubeconfigSecretRef: { name: 'gated' } };
  await apply({ ...cluster, spec });
  const releases = () =>
    list<{ metadata: { labels: Record<string, string> } }>(
      'secrets',
      ...['-n', namespace, '-l', 'owner=helm,name=app'],
    );
  await eventually('the release is pending', 180, async () =>
    (await releases()).some(({ metadata }) => metadata.labels['status'] === 'pending-install'),
  );
  await open(false);
  const end = Date.now() + 60_000;
  const seen = await untilPlugin(
    namespace,
    'gated',
    'app',
    120,
    ({ reason }) => reason === 'TargetUnreachable',
  );
  expect(seen.phase).not.toBe('Failed');
  while (Date.now() < end) {
    const { conditions = [] } = (await status(namespace, 'gated')) ?? {};
    expect(conditions.find(({ type }) => type === 'Stalled')?.status).toBe('False');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  await open(true);
  const done = await untilPhase(namespace, 'gated', 'Completed', 240);
  expect(done.pluginsReady).toBe('1/1');
  const left = (await releases()).filter(({ metadata }) => metadata.labels['status'] !== 'superseded');
  expect(left.map(({ metadata }) => metadata.labels['status']).filter((one) => one === 'deployed')).toEqual([
    'deployed',
  ]);
  expect(left.some(({ metadata }) => metadata.labels['status']?.startsWith('pending'))).toBe(false);
}, 600_000);

test('a sidecar that a policy of the host injects keeps neither a plugin from being installed nor its Job from ending', async () => {
  const containerFields = `name: "mesh-proxy", image: ${JSON.stringify(image)}, command: ["sleep", "100000"]`;
  await apply(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: POLICY },
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
          ],
        },
        matchConditions: [
          {
            name: 'executor',
            expression:
              "object.metadata.?name.orValue('') == 'probe' || object.metadata.?labels[?'app.kubernetes.io/component'].orValue('') == 'plugin-executor'",
          },
        ],
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        mutations: [
          {
            // ApplyConfiguration may not set a command.
            patchType: 'JSONPatch',
            jsonPatch: {
              expression: `[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{${containerFields}, securityContext: Object.spec.containers.securityContext{allowPrivilegeEscalation: false}}}]`,
            },
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: POLICY },
      spec: { policyName: POLICY },
    },
  );
  await eventually('the policy holds', 60, async () => {
    const probe = ['run', 'probe', '-n', namespace, `--image=${image}`, '--dry-run=server', '-o', 'json'];
    return (await tryKubectl(probe)).stdout.includes('mesh-proxy');
  });
  const chart = { storage: { pvPath: 'store-store-0:/pv/app' }, values: { image } };
  await apply(
    aPlugin(namespace, 'meshed', { targetNamespace: namespace, pluginSources: { chart } }),
    aVirtualCluster(namespace, 'meshed', ['meshed']),
  );
  const done = await untilPhase(namespace, 'meshed', 'Completed', 240);
  expect(done.plugins?.[0]?.message).toContain('container mesh-proxy, which Pinion did not add,');
  await eventually('its Job has ended or is gone', 60, async () => {
    type Job = { status?: { active?: number } };
    const jobs = await list<Job>('jobs', ...['-n', namespace, '-l', 'kosmos.io/cluster-name=meshed']);
    return jobs.every((job) => !job.status?.active);
  });
}, 400_000);
