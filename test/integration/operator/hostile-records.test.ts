import { afterAll, beforeAll, expect, test } from 'vitest';
import { LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { pluginInstallations } from '#kube/resources.ts';
import { aNamespace, aSecret } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import {
  aClusterOf,
  clusterIn,
  connect,
  given,
  hostPlugin,
  installKinds,
  jobsIn,
  kubeconfig,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

/** PluginInstallations that somebody else writes, or keeps the operator from writing. */
let client: KubeClient;
let operator: { stop: () => Promise<void> } | undefined;
const SELECTS = 'hostile-records';

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(SELECTS);
});
afterAll(async () => {
  await operator?.stop();
  const names = ['test-no-installation-of-web'];
  await kubectl([
    'delete',
    'validatingadmissionpolicybinding,validatingadmissionpolicy',
    '--ignore-not-found',
    ...names,
  ]);
});

const anInstallation = (namespace: string, plugin: string, labels: object = {}) => ({
  apiVersion: 'kosmos.io/v1alpha1',
  kind: 'PluginInstallation',
  metadata: { namespace, name: `vc.${plugin}`, labels },
  spec: { clusterRef: { name: 'vc' }, pluginRef: { namespace, name: plugin } },
});

const labelsOf = ({ uid, namespace, name }: VirtualCluster['metadata']) => ({
  [LABEL.clusterUid]: uid,
  [LABEL.clusterNamespace]: namespace,
  [LABEL.clusterName]: name,
});

/** One plugin has the reason, and another one is installed. */
const hasReason =
  (expected: string) =>
  ({ status: { plugins = [] } = {} }: VirtualCluster): boolean =>
    plugins.some(({ reason }) => reason === expected) && plugins.some(({ phase }) => phase === 'Installed');

test('a PluginInstallation with the name of ours that is of another plugin is reported, and the others are installed', async () => {
  const namespace = 'op-squatted';
  await given(SELECTS, namespace, []);
  const { metadata } = await clusterIn(client, namespace);
  const other = { clusterRef: { name: 'vc' }, pluginRef: { namespace, name: 'other' } };
  await apply({ ...anInstallation(namespace, 'web', labelsOf(metadata)), spec: other });
  await apply(hostPlugin(namespace, 'web'), hostPlugin(namespace, 'dns'));
  await apply(aClusterOf(SELECTS, namespace, ['web', 'dns']));
  await succeed(client, await podOf(client, namespace, 'dns'));
  const { status } = await whenCluster(
    client,
    namespace,
    'reports the name',
    hasReason('InstallationNameTaken'),
  );
  expect(status?.plugins?.[1]?.message).toContain(`kubectl delete pinst -n ${namespace} vc.web`);
  await kubectl(['delete', 'pinst', '-n', namespace, 'vc.web']);
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', (one) => one.status?.phase === 'Completed');
});

test('a PluginInstallation that the API server refuses is reported, and the other plugin is installed', async () => {
  const namespace = 'op-unwritten';
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'test-no-installation-of-web' },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['kosmos.io'],
            apiVersions: ['v1alpha1'],
            resources: ['plugininstallations'],
            operations: ['CREATE'],
          },
        ],
      },
      validations: [
        {
          expression: `object.metadata.namespace != '${namespace}' || object.metadata.name != 'vc.web'`,
          message: 'the tests refuse it',
        },
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'test-no-installation-of-web' },
    spec: { policyName: 'test-no-installation-of-web', validationActions: ['Deny'] },
  };
  await apply(policy, binding);
  await apply(aNamespace(namespace), aSecret(namespace, 'target', { kubeconfig }));
  await eventually('the policy is enforced', 60, async () => {
    const dry = ['create', '--dry-run=server', '-f', '-'];
    return kubectl(dry, JSON.stringify(anInstallation(namespace, 'web'))).then(
      () => false,
      () => true,
    );
  });
  await given(SELECTS, namespace, ['web', 'dns']);
  await succeed(client, await podOf(client, namespace, 'dns'));
  const { status } = await whenCluster(
    client,
    namespace,
    'reports the refusal',
    hasReason('InstallationNotWritten'),
  );
  expect(status?.plugins?.[1]?.message).toContain('the tests refuse it');
  expect(status?.conditions?.[0]?.message).toContain('web');
});

test('a PluginInstallation of a plugin that is not enabled starts no Job and goes', async () => {
  const namespace = 'op-not-enabled';
  await given(SELECTS, namespace, []);
  await apply(hostPlugin(namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', (one) => one.status?.phase === 'Completed');
  const { metadata } = await clusterIn(client, namespace);
  for (let i = 0; i < 5; i++) {
    await apply(anInstallation(namespace, 'web', labelsOf(metadata)));
    await eventually('the installation is gone', 60, async () => {
      const { items } = await client.list(pluginInstallations, { namespace });
      return items.length === 0;
    });
    expect(await jobsIn(client, namespace)).toEqual([]);
  }
});
