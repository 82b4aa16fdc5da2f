import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lease } from '#kube/lease.ts';
import { aPlugin, aVirtualCluster } from '#test/builders.ts';
import { apply, eventually, get, kubectl } from '#test/kubectl.ts';
import { freshStore } from './store.ts';
import { freshNamespace, untilPhase, untilPlugin } from './world.ts';

/** What keeps a pod from starting is a reason in the status within 15 s. */
const store = { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } } };
const onHost = (hostPath: unknown) => ({ pluginSources: { yaml: { path: { hostPath } } } });
const within = 15;

async function equip(namespace: string, name: string, spec: object): Promise<void> {
  await apply(aPlugin(namespace, name, spec));
  await apply(aVirtualCluster(namespace, name, [name]));
}

const pods = { pods: 'e2e-starting', restricted: 'e2e-restricted', quota: 'e2e-quota' };

beforeAll(async () => {
  await freshNamespace(pods.pods);
  await freshNamespace(pods.restricted, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await freshNamespace(pods.quota);
  await freshStore(pods.quota, {
    'plain.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"}}',
  });
  await apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: pods.quota, name: 'full' },
    spec: { hard: { pods: '1' } },
  });
});

describe('a pod that does not start is a reason in the status within 15 s:', () => {
  test('Pod Security refuses a host path', async () => {
    await equip(pods.restricted, 'host', onHost('/opt/pinion/anything'));
    const found = await untilPlugin(pods.restricted, 'host', 'host', within, (one) =>
      /hostPath/.test(one.message ?? ''),
    );
    expect(found.reason).toBe('PodSecurityViolation');
  });

  test('the quota is used up, and when it is raised the plugin is installed', async () => {
    await equip(pods.quota, 'quota', store);
    const found = await untilPlugin(pods.quota, 'quota', 'quota', within, (one) =>
      /quota/.test(one.message ?? ''),
    );
    expect(found.reason).toBe('QuotaExceeded');
    await kubectl(['delete', 'resourcequota', 'full', '-n', pods.quota]);
    await untilPhase(pods.quota, 'quota', 'Completed', 240);
  });

  test('no node can take it', async () => {
    const [first] = (await kubectl(['get', 'nodes', '-o', 'name'])).split('\n');
    const node = first?.replace('node/', '') ?? '';
    await kubectl(['cordon', node]);
    await equip(pods.pods, 'cordoned', onHost({ path: '/opt/pinion/anything', nodeName: node })).finally(() =>
      untilPlugin(pods.pods, 'cordoned', 'cordoned', within, (one) => one.reason === 'Unschedulable').finally(
        () => kubectl(['uncordon', node]),
      ),
    );
  });

  test('the host directory is missing', async () => {
    const node = await aWorker();
    await equip(pods.pods, 'missing', onHost({ path: '/opt/pinion/not-here', nodeName: node }));
    const found = await untilPlugin(
      pods.pods,
      'missing',
      'missing',
      within,
      (one) => one.reason === 'FailedMount',
    );
    expect(found.message).toContain('/opt/pinion/not-here');
  });

  describe('the executor image', () => {
    const image = async (value: string) => {
      const changed = (await currentArgs()).map((one) => (one.startsWith(FLAG) ? FLAG + value : one));
      const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/args', value: changed }];
      await kubectl(['patch', ...operator, '--type=json', '-p', JSON.stringify(patch)]);
      await kubectl(['rollout', 'status', ...operator, '--timeout=300s']);
      // That doesn't wait for those that end, and one of them may still lead.
      await eventually(`an operator with ${value} leads`, 120, async () => {
        const holder = (await get<Lease>('lease', 'pinion-operator', system))?.spec.holderIdentity;
        const leader = holder ? await get<OperatorPod>('pod', holder, system) : undefined;
        return leader?.spec.containers[0]?.args.includes(FLAG + value);
      });
    };
    let good = '';
    beforeAll(async () => {
      good = (await currentArgs()).find((one) => one.startsWith(FLAG))?.slice(FLAG.length) ?? '';
      await image(`${good.replace(/\/.*$/, '')}/pinion/executor:never-built`);
    });
    afterAll(async () => {
      if (good) await image(good);
    });

    test('is missing', async () => {
      await kubectl(['delete', 'resourcequota', 'full', '-n', pods.quota, '--ignore-not-found']);
      await equip(pods.quota, 'no-image', store);
      const found = await untilPlugin(pods.quota, 'no-image', 'no-image', within, (one) =>
        /ErrImagePull|ImagePullBackOff/.test(one.reason ?? ''),
      );
      expect(found.message).toContain('never-built');
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
