import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lease } from '#kube/lease.ts';
import { aPlugin, aVirtualCluster } from '#test/builders.ts';
import { apply, eventually, get, kubectl } from '#test/kubectl.ts';
import { freshStore } from './store.ts';
import { freshNamespace, untilPhase, untilPlugin } from './world.ts';

const store = { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } } };
const onHost = (hostPath: unknown) => ({ pluginSources: { yaml: { path: { hostPath } } } });
/** Seconds within which the status says what keeps a pod from starting. */
const within = 15;

async function equip(namespace: string, name: string, spec: object): Promise<void> {
  await apply(aPlugin(namespace, name, spec));
  await apply(aVirtualCluster(namespace, name, [name]));
}

const namespaces = { plain: 'e2e-starting', restricted: 'e2e-restricted', quota: 'e2e-quota' };

beforeAll(async () => {
  await freshNamespace(namespaces.plain);
  await freshNamespace(namespaces.restricted, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await freshNamespace(namespaces.quota);
  await freshStore(namespaces.quota, {
    'plain.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"}}',
  });
  await apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: namespaces.quota, name: 'full' },
    spec: { hard: { pods: '1' } },
  });
});

describe('a pod that does not start is a reason in the status within 15 s:', () => {
  test('Pod Security refuses a host path', async () => {
    await equip(namespaces.restricted, 'host', onHost('/opt/pinion/anything'));
    const status = await untilPlugin(namespaces.restricted, 'host', 'host', within, (plugin) =>
      /hostPath/.test(plugin.message ?? ''),
    );
    expect(status.reason).toBe('PodSecurityViolation');
  });

  test('the quota is used up (and when it is raised, the plugin is installed)', async () => {
    await equip(namespaces.quota, 'quota', store);
    const status = await untilPlugin(namespaces.quota, 'quota', 'quota', within, (plugin) =>
      /quota/.test(plugin.message ?? ''),
    );
    expect(status.reason).toBe('QuotaExceeded');
    await kubectl(['delete', 'resourcequota', 'full', '-n', namespaces.quota]);
    await untilPhase(namespaces.quota, 'quota', 'Completed', 240);
  });

  test('no node admits the pod', async () => {
    const [first] = (await kubectl(['get', 'nodes', '-o', 'name'])).split('\n');
    const node = first?.replace('node/', '') ?? '';
    await kubectl(['cordon', node]);
    try {
      await equip(namespaces.plain, 'cordoned', onHost({ path: '/opt/pinion/anything', nodeName: node }));
      await untilPlugin(
        namespaces.plain,
        'cordoned',
        'cordoned',
        within,
        (plugin) => plugin.reason === 'Unschedulable',
      );
    } finally {
      await kubectl(['uncordon', node]);
    }
  });

  test('the host directory is missing', async () => {
    const node = await aWorker();
    await equip(namespaces.plain, 'missing', onHost({ path: '/opt/pinion/not-here', nodeName: node }));
    const status = await untilPlugin(
      namespaces.plain,
      'missing',
      'missing',
      within,
      (plugin) => plugin.reason === 'FailedMount',
    );
    expect(status.message).toContain('/opt/pinion/not-here');
  });

  describe('the executor image', () => {
    const setImage = async (image: string) => {
      const value = (await currentArgs()).map((arg) => (arg.startsWith(FLAG) ? FLAG + image : arg));
      const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/args', value }];
      await kubectl(['patch', ...operator, '--type=json', '-p', JSON.stringify(patch)]);
      await kubectl(['rollout', 'status', ...operator, '--timeout=300s']);
      // The rollout does not wait for pods that terminate, and one of them may still be the leader.
      await eventually(`an operator with ${image} leads`, 120, async () => {
        const holder = (await get<Lease>('lease', 'pinion-operator', system))?.spec.holderIdentity;
        const leader = holder ? await get<OperatorPod>('pod', holder, system) : undefined;
        return leader?.spec.containers[0]?.args.includes(FLAG + image);
      });
    };
    let originalImage = '';
    beforeAll(async () => {
      originalImage = (await currentArgs()).find((arg) => arg.startsWith(FLAG))?.slice(FLAG.length) ?? '';
      await setImage(`${originalImage.replace(/\/.*$/, '')}/pinion/executor:never-built`);
    });
    afterAll(async () => {
      if (originalImage) await setImage(originalImage);
    });

    test('is missing', async () => {
      await kubectl(['delete', 'resourcequota', 'full', '-n', namespaces.quota, '--ignore-not-found']);
      await equip(namespaces.quota, 'no-image', store);
      const status = await untilPlugin(namespaces.quota, 'no-image', 'no-image', within, (plugin) =>
        /ErrImagePull|ImagePullBackOff/.test(plugin.reason ?? ''),
      );
      expect(status.message).toContain('never-built');
    });
  });
});

const aWorker = async () =>
  (
    await kubectl([
      'get',
      'nodes',
      '-l',
      '!node-role.kubernetes.io/control-plane',
      '-o',
      'jsonpath={.items[0].metadata.name}',
    ])
  ).trim();

const FLAG = '--executor-image=';
const system = 'pinion-system';
const operator = ['deployment/pinion-operator', '-n', system];
type OperatorPod = { spec: { containers: { args: string[] }[] } };

const currentArgs = async (): Promise<string[]> =>
  JSON.parse(await kubectl(['get', ...operator, '-o', 'jsonpath={.spec.template.spec.containers[0].args}']));
