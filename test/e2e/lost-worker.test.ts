import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import { freshNamespace, untilPhase, untilPlugin } from './world.ts';

const namespace = 'e2e-lost-worker';
const [lost, other] = ['worker-2', 'worker-1'];
const manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"from-a-host"}}';
const machine = (command: 'stop-machine' | 'start-machine') => execa('node', ['local/cli.ts', command, lost]);

/** Writes the same file on every node, so that the plugin's source is not bound to a node. */
const writer = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace, name: 'writer' },
  spec: {
    selector: { matchLabels: { app: 'writer' } },
    template: {
      metadata: { labels: { app: 'writer' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsUser: 0 },
        containers: [
          {
            name: 'writer',
            image: inject('executorImage'),
            command: [
              'sh',
              '-c',
              `mkdir -p /host/lost && echo '${manifest}' > /host/lost/a.yaml && sleep infinity`,
            ],
            readinessProbe: { exec: { command: ['test', '-s', '/host/lost/a.yaml'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'host', mountPath: '/host' }],
          },
        ],
        volumes: [{ name: 'host', hostPath: { path: '/opt/pinion', type: 'DirectoryOrCreate' } }],
      },
    },
  },
};

// Only a machine of the local cluster can be switched off.
const local = process.env['CLUSTER'] !== 'existing';

beforeAll(async () => {
  if (!local) return;
  await freshNamespace(namespace);
  await apply(writer);
  await kubectl(['rollout', 'status', 'daemonset/writer', '-n', namespace, '--timeout=300s']);
});

afterAll(async () => {
  if (!local) return;
  await kubectl(['uncordon', other]);
  await machine('start-machine');
  await kubectl(['wait', '--for=condition=Ready', `node/${lost}`, '--timeout=300s']);
});

test.runIf(local)(
  'another host node finishes an installation when the node of its executor is lost',
  async () => {
    await kubectl(['cordon', other]);
    await apply(
      aPlugin(namespace, 'moved', {
        targetNamespace: namespace,
        pluginSources: { yaml: { path: { hostPath: '/opt/pinion/lost/a.yaml' } } },
        successStateCommand: 'sleep 20',
      }),
    );
    await apply(aVirtualCluster(namespace, 'moved', ['moved']));
    await eventually('the executor runs on the worker that will be lost', 180, async () => {
      const path = 'jsonpath={.items[*].spec.nodeName} {.items[*].status.phase}';
      const selector = ['-l', 'kosmos.io/cluster-name=moved', '-n', namespace];
      return (await kubectl(['get', 'pods', ...selector, '-o', path])) === `${lost} Running`;
    });
    await kubectl(['uncordon', other]);
    await machine('stop-machine');
    await untilPhase(namespace, 'moved', 'Completed', 240);
    const installed = await untilPlugin(namespace, 'moved', 'moved', 5, ({ phase }) => phase === 'Installed');
    expect(installed.verified).toBe('Yes');
    const [, job] = installed.job?.split('/') ?? [];
    const where = await kubectl([
      'get',
      'pods',
      '-n',
      namespace,
      '-l',
      `job-name=${job}`,
      '-o',
      'jsonpath={.items[*].spec.nodeName}',
    ]);
    expect(where.split(' ')).toContain(other);
  },
);
