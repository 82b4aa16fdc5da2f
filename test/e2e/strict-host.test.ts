/** A host like those of many companies: quotas, default-deny policies, tainted nodes, and admission that demands things. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl, list, tryKubectl } from '#test/kubectl.ts';
import { freshStore } from './store.ts';
import { aTenant } from './tenant.ts';
import { freshNamespace, status, untilPhase, untilPlugin } from './world.ts';

const namespace = 'e2e-strict-host';
const TEAM = 'example.com/team';
const taint = { key: 'example.com/dedicated', value: 'pinion', effect: 'NoSchedule' };
const toleration = { ...taint, operator: 'Equal' };
const OTHERS = '--selector=!node-role.kubernetes.io/control-plane';
const COMPONENT = 'app.kubernetes.io/component';

const quota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace, name: 'team' },
  spec: {
    hard: { 'limits.cpu': '12', 'limits.memory': '12Gi', 'requests.cpu': '4', 'requests.memory': '6Gi' },
  },
};

const networkPolicy = (name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec,
});
const denied = networkPolicy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
/** As docs/pod-settings.md has it. */
const allowed = networkPolicy('pinion', {
  podSelector: {
    matchExpressions: [
      { key: COMPONENT, operator: 'In', values: ['plugin-executor', 'control-plane', 'worker-node'] },
    ],
  },
  policyTypes: ['Egress'],
  egress: [{}],
});

const containers = '(object.spec.containers + object.spec.?initContainers.orValue([]))';
const admission = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'e2e-strict-host' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
        ],
      },
      // The pod that fills the claim is the test's own.
      matchConditions: [
        { name: 'not-store', expression: `object.metadata.?labels[?'app'].orValue('') != 'store'` },
      ],
      validations: [
        {
          expression: `'${TEAM}' in object.metadata.?labels.orValue({})`,
          message: `the label ${TEAM} is missing`,
        },
        {
          expression: `${containers}.all(c, ['cpu', 'memory'].all(r, r in c.?resources.limits.orValue({})))`,
          message: 'a container has no limits',
        },
        {
          expression: `${containers}.all(c, c.?securityContext.readOnlyRootFilesystem.orValue(false) || c.?securityContext.privileged.orValue(false))`,
          message: 'a container has a writable root',
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'e2e-strict-host' },
    spec: {
      policyName: 'e2e-strict-host',
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  },
];

const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'pinion-system', name: 'pinion-pod-settings' },
  data: {
    executor: JSON.stringify({
      labels: { [TEAM]: 'a' },
      tolerations: [toleration],
      resources: { limits: { cpu: '1' } },
    }),
    controlPlane: JSON.stringify({
      labels: { [TEAM]: 'a' },
      tolerations: [toleration],
      resources: { limits: { cpu: '1', memory: '1Gi' } },
    }),
    worker: JSON.stringify({ labels: { [TEAM]: 'a' }, tolerations: [toleration] }),
  },
};

async function removeStrictness(): Promise<void> {
  const { key, effect } = taint;
  await kubectl(['taint', 'nodes', OTHERS, `${key}:${effect}-`]).catch(() => '');
  await kubectl(['delete', 'configmap', settings.metadata.name, '-n', 'pinion-system', '--ignore-not-found']);
  const kinds = 'validatingadmissionpolicybinding,validatingadmissionpolicy';
  await kubectl(['delete', kinds, 'e2e-strict-host', '--ignore-not-found']);
}

describe.skipIf(process.env['CLUSTER'] === 'existing')('on a host with quotas, policies and taints', () => {
  beforeAll(async () => {
    await removeStrictness();
    await freshNamespace(namespace);
    const map = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"strict"}}';
    await freshStore(namespace, { 'map.yaml': map });
    await kubectl(['taint', 'nodes', OTHERS, `${taint.key}=${taint.value}:${taint.effect}`, '--overwrite']);
    await apply(quota, denied, allowed, ...admission);
    await eventually('quota and policy hold', 60, async () => {
      const hard = await kubectl(['get', 'quota', 'team', '-n', namespace, '-o', 'jsonpath={.status.hard}']);
      const probe = ['run', 'probe', '-n', namespace, '--image=probe', '--dry-run=server'];
      return hard !== '' && (await tryKubectl(probe)).stderr.includes(`the label ${TEAM} is missing`);
    });
    await apply(
      aPlugin(namespace, 'web', {
        pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/map.yaml' } } },
      }),
      aVirtualCluster(namespace, 'existing', ['web']),
      aTenant(namespace, 'managed'),
    );
  });

  afterAll(async () => {
    await kubectl(['delete', 'vc', '--all', '-n', namespace, '--timeout=240s']).catch(() => '');
    await removeStrictness();
  });

  test('plugin and control plane say within seconds what the host demands', async () => {
    const plugin = await untilPlugin(
      namespace,
      'existing',
      'web',
      30,
      ({ reason }) => reason === 'AdmissionRefused',
    );
    expect(plugin.message).toMatch(/pinion-pod-settings.*the label example\.com\/team is missing/);
    const blocked = await eventually('the control plane is blocked', 30, async () => {
      const ready = (await status(namespace, 'managed'))?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.reason === 'ControlPlaneBlocked' && ready.message;
    });
    expect(blocked).toMatch(/^managed-etcd: .*control plane pods.*pinion-pod-settings/);
  });

  test("the administrator's settings alone are enough for a plugin and a managed cluster with a worker", async () => {
    await apply(settings);
    await untilPhase(namespace, 'existing', 'Completed', 240);
    const managed = await untilPhase(namespace, 'managed', 'Completed', 400);
    expect(managed.nodesReady).toBe('1/1');
    type Placed = {
      metadata: { name: string; labels: Record<string, string> };
      spec: Record<string, unknown>;
    };
    const pods = await list<Placed>('pods', '-n', namespace, '-l', COMPONENT);
    const ofPinion = pods.filter(({ metadata }) => metadata.labels['app'] !== 'store');
    expect(ofPinion.length).toBeGreaterThanOrEqual(6);
    for (const { metadata, spec } of ofPinion) {
      expect(metadata.labels, metadata.name).toHaveProperty([TEAM], 'a');
      expect(spec['nodeSelector'], metadata.name).toMatchObject({ 'kubernetes.io/os': 'linux' });
    }
  });
});
