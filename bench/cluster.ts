import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { aNamespace, aSecret } from '#test/builders.ts';
import { FILES_HOST, FILES_SECRET, serveFiles } from './file-server.ts';
import { NAMESPACE } from './jobs.ts';

export const KUBECONFIG =
  process.env['CLUSTER'] === 'existing' ? (process.env['KUBECONFIG'] ?? '') : '.local/kubeconfig';

export async function kubectl(args: string[], input?: string): Promise<string> {
  const options = { env: { KUBECONFIG }, ...(input === undefined ? {} : { input }) };
  return (await execa('.local/bin/kubectl', args, options)).stdout;
}

/** The chart with one pod, the chart without, and a manifest: what the benchmarks install. */
export const CHARTS: Record<string, string> = {
  'bare/Chart.yaml': 'apiVersion: v2\nname: bare\nversion: 0.1.0\n',
  'bare/templates/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\n',
  'pod/Chart.yaml': 'apiVersion: v2\nname: pod\nversion: 0.1.0\n',
  'pod/templates/all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: one, image: "{{ .Values.image }}", command: [sleep, infinity] }]
`,
};

/** The image of the executor that the operator runs. */
export async function executorImage(): Promise<string> {
  const path = 'jsonpath={.spec.template.spec.containers[0].args}';
  const args = await kubectl(['get', 'deployment/pinion-operator', '-n', 'pinion-system', '-o', path]);
  const image = /--executor-image[="\s,]+([^"\s,]+)/.exec(args)?.[1];
  if (!image) throw new Error('the operator has no --executor-image; run make demo first');
  return image;
}

/** A fresh namespace with the target's kubeconfig, and a claim with the charts in it. */
export async function prepare(image: string): Promise<void> {
  await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
  const store = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: NAMESPACE, name: 'store' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
  };
  const write = Object.entries(CHARTS)
    .map(
      ([path, text]) => `mkdir -p /pv/${path.replace(/\/[^/]+$/, '')}; cat > /pv/${path} <<'END'\n${text}END`,
    )
    .join('\n');
  const filler = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: NAMESPACE, name: 'fill' },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'fill',
          image,
          command: ['sh', '-ec', write],
          volumeMounts: [{ name: 'pv', mountPath: '/pv' }],
        },
      ],
      volumes: [{ name: 'pv', persistentVolumeClaim: { claimName: 'store' } }],
    },
  };
  const target = aSecret(NAMESPACE, 'target', { kubeconfig: await readFile(KUBECONFIG, 'utf8') });
  const servers = await serveFiles(image, CHARTS, 'pod');
  for (const object of [aNamespace(NAMESPACE), target, store, filler, ...servers]) {
    await kubectl(['apply', '-f', '-'], JSON.stringify(object));
  }
  const succeeded = '--for=jsonpath={.status.phase}=Succeeded';
  await kubectl(['wait', '-n', NAMESPACE, succeeded, 'pod/fill', '--timeout=120s']);
  await kubectl(['rollout', 'status', '-n', NAMESPACE, 'deployment/files', '--timeout=120s']);
}

/** A plugin over one of the charts. `releaseName` is left to Pinion: the name of the plugin. */
export const volumePlugin = (chart: 'bare' | 'pod', image: string) => ({
  targetNamespace: NAMESPACE,
  pluginSources: { chart: { storage: { pvPath: `store:/pv/${chart}` }, values: { image } } },
});

/** The chart with one pod, as an archive on an HTTPS server whose CA nobody else knows. */
export const fetchedPlugin = (image: string) => ({
  targetNamespace: NAMESPACE,
  pluginSources: {
    chart: {
      storage: { uri: `https://${FILES_HOST}/pod.tgz`, secretRef: { name: FILES_SECRET } },
      values: { image },
    },
  },
});

/** Uninstalls what a measurement left, so that the next one starts from the same. */
export async function sweep(): Promise<void> {
  await kubectl([
    'delete',
    'deployments,configmaps',
    '-n',
    NAMESPACE,
    '-l',
    'app.kubernetes.io/managed-by=Helm',
  ]);
  await kubectl(['delete', 'secrets', '-n', NAMESPACE, '-l', 'owner=helm']);
}
