/** A claim with files in it, filled as the docs describe it: a StatefulSet and kubectl cp. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { apply, kubectl } from '#test/kubectl.ts';

const statefulSet = (namespace: string, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { namespace, name: 'store' },
  spec: {
    serviceName: 'store',
    selector: { matchLabels: { app: 'store' } },
    template: {
      metadata: { labels: { app: 'store' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'store',
            image,
            command: ['sleep', 'infinity'],
            volumeMounts: [{ name: 'store', mountPath: '/pv' }],
          },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'store' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
      },
    ],
  },
});

/** Creates the claim `store-store-0` in the namespace and copies the files into it; keys are paths in the volume. */
export async function freshStore(namespace: string, files: Record<string, string>): Promise<void> {
  await apply(statefulSet(namespace, inject('executorImage')));
  await kubectl(['rollout', 'status', 'statefulset/store', '-n', namespace, '--timeout=120s']);
  const folder = await mkdtemp(join(tmpdir(), 'pinion-store-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await kubectl(['cp', `${folder}/.`, `${namespace}/store-0:/pv`]);
  await rm(folder, { recursive: true });
}

/** Files of a chart with one ConfigMap and a hook that takes its time, so that there is a middle of helm. */
export const slowChart = (name: string, hookSeconds: number): Record<string, string> => ({
  [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
  [`${name}/templates/hook.yaml`]: `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: { helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: hook
          image: {{ .Values.image }}
          command: [sleep, "${hookSeconds}"]
`,
  [`${name}/templates/all.yaml`]:
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\n',
});
