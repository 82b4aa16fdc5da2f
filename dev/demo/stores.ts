/** Sources without a server: a volume that a StatefulSet mounts, and a file on one node. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#local/run.ts';
import type { Manifest } from '#test/builders.ts';
import { HOST_DIRECTORY } from '../cluster/cluster.ts';
import { type Tool, tool } from '../cluster/tools.ts';
import { NAMESPACE, registryHost } from './names.ts';
import { fixtures } from './packages.ts';

export const hostFile = `${HOST_DIRECTORY}/plugins/limits.yaml`;
const inPod = ['-n', NAMESPACE, '-c', 'store'];

/** A way to bring files into a volume by `kubectl cp`: a StatefulSet whose claim template is the plugin store. */
export const store = (image: string): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { namespace: NAMESPACE, name: 'charts' },
  spec: {
    serviceName: 'charts',
    selector: { matchLabels: { app: 'charts' } },
    template: {
      metadata: { labels: { app: 'charts' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        securityContext: { fsGroup: 65532 },
        containers: [
          {
            name: 'store',
            image,
            command: ['sleep', 'infinity'],
            volumeMounts: [{ name: 'plugin-store', mountPath: '/pv' }],
          },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'plugin-store' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
      },
    ],
  },
});

/** A pod that writes the manifests into a directory of the node and ends. */
export const hostWriter = (image: string, nodeName: string, content: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: NAMESPACE, name: 'host-writer' },
  spec: {
    restartPolicy: 'OnFailure',
    nodeName,
    containers: [
      {
        name: 'write',
        image,
        command: ['sh', '-c', `mkdir -p /host/plugins && printf '%s' "$CONTENT" > /host/plugins/limits.yaml`],
        env: [{ name: 'CONTENT', value: content }],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'host', mountPath: '/host' }],
      },
    ],
    volumes: [{ name: 'host', hostPath: { path: HOST_DIRECTORY, type: 'DirectoryOrCreate' } }],
  },
});

/** Copies chart and values into the volume, and from there the other chart into the registry. */
export async function fillStores(kubectl: Tool, ca: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pinion-demo-'));
  try {
    await mkdir(join(folder, 'push'));
    await tool(
      'helm',
      '',
    )(['package', join(fixtures, 'charts', 'queue'), '--destination', join(folder, 'push')]);
    await writeFile(join(folder, 'push', 'ca.crt'), ca);
    const copy = (from: string, to: string) => kubectl(['cp', ...inPod, from, `charts-0:${to}`]);
    await kubectl(['exec', ...inPod, 'charts-0', '--', 'mkdir', '-p', '/pv/charts', '/pv/values']);
    await copy(join(fixtures, 'charts', 'web'), '/pv/charts');
    await copy(join(fixtures, 'values', 'queue.yaml'), '/pv/values/queue.yaml');
    await copy(join(folder, 'push'), '/tmp');
  } finally {
    await rm(folder, { recursive: true });
  }
  await pushChart(kubectl);
}

/** A pod that is Ready is behind its Service a moment later, and a connection that is begun just then hangs. */
async function pushChart(kubectl: Tool): Promise<void> {
  const helm = ['helm', 'push', '/tmp/push/queue-1.0.0.tgz', `oci://${registryHost}/charts`];
  const command = ['exec', ...inPod, 'charts-0', '--', ...helm, '--ca-file', '/tmp/push/ca.crt'];
  let last: unknown;
  const pushed = () =>
    kubectl(command, { timeoutMs: 15_000 }).then(
      () => true,
      (error: unknown) => {
        last = error;
        return false;
      },
    );
  await waitFor('helm push', pushed, 60).catch((error: Error) => {
    throw new Error(`${error.message}\n${last}`);
  });
}
