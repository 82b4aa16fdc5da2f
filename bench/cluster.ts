import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { aNamespace, aSecret, type Manifest } from '#test/builders.ts';
import type { Api } from './api.ts';
import { CHARTS } from './charts.ts';
import { serveFiles } from './file-server.ts';
import { NAMESPACE } from './names.ts';
import { targetKubeconfig, targetUserBinding } from './target-user.ts';

/** Whether the local cluster is measured; CPU, memory and requests by part are known of no other. */
export const isLocal = process.env['CLUSTER'] !== 'existing';
export const KUBECONFIG = isLocal ? '.local/kubeconfig' : (process.env['KUBECONFIG'] ?? '');

/** Standard output of a kubectl command. @throws with what it printed when it fails */
export async function kubectl(args: string[], input?: string): Promise<string> {
  const options = { env: { KUBECONFIG }, ...(input === undefined ? {} : { input }) };
  return (await execa('.local/bin/kubectl', args, options)).stdout;
}

/** The image of the executor that the operator runs. */
export async function executorImage(): Promise<string> {
  const path = 'jsonpath={.spec.template.spec.containers[0].args}';
  const args = await kubectl(['get', 'deployment/pinion-operator', '-n', 'pinion-system', '-o', path]);
  const image = /--executor-image[="\s,]+([^"\s,]+)/.exec(args)?.[1];
  if (!image) throw new Error('the operator has no --executor-image; run make demo first');
  return image;
}

const claim: Manifest = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: NAMESPACE, name: 'store' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
};

/** A pod that writes the charts into the volume. */
function filler(image: string): Manifest {
  const write = Object.entries(CHARTS)
    .map(
      ([path, text]) => `mkdir -p /pv/${path.replace(/\/[^/]+$/, '')}; cat > /pv/${path} <<'END'\n${text}END`,
    )
    .join('\n');
  const volumeMounts = [{ name: 'pv', mountPath: '/pv' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: NAMESPACE, name: 'fill' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'fill', image, command: ['sh', '-ec', write], volumeMounts }],
      volumes: [{ name: 'pv', persistentVolumeClaim: { claimName: 'store' } }],
    },
  };
}

/** A fresh namespace with the target's kubeconfig, a claim with the charts in it, and an HTTPS server of them. */
export async function prepare(api: Api, image: string): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
  const admin = await readFile(KUBECONFIG, 'utf8');
  const kubeconfig = isLocal ? await targetKubeconfig(api, admin) : admin;
  const objects = [
    aNamespace(NAMESPACE),
    targetUserBinding,
    aSecret(NAMESPACE, 'target', { kubeconfig }),
    claim,
    filler(image),
    ...(await serveFiles(image, CHARTS, 'pod')),
  ];
  for (const object of objects) await kubectl(['apply', '-f', '-'], JSON.stringify(object));
  const succeeded = '--for=jsonpath={.status.phase}=Succeeded';
  await kubectl(['wait', '-n', NAMESPACE, succeeded, 'pod/fill', '--timeout=120s']);
  await kubectl(['rollout', 'status', '-n', NAMESPACE, 'deployment/files', '--timeout=120s']);
}

/** Removes what a measurement installed, so that the next one starts from the same. */
export async function sweep(): Promise<void> {
  const kinds = 'deployments,services,configmaps,serviceaccounts,roles,rolebindings';
  const inNamespace = ['-n', NAMESPACE];
  await kubectl(['delete', kinds, ...inNamespace, '-l', 'app.kubernetes.io/managed-by=Helm']);
  await kubectl(['delete', 'secrets', ...inNamespace, '-l', 'owner=helm']);
}
