import {
  DIRECTORY,
  EXECUTOR_CONTAINER,
  IDENTITY_ENVIRONMENT,
  LOG_FORMAT_ENVIRONMENT,
  type LogFormat,
  ORDER_KEYS,
  orderSecretName,
  VOLUME,
} from '#api/contract/job.ts';
import { ANNOTATION, EXECUTOR_COMPONENT, LABEL, labelValue } from '#api/contract/names.ts';
import { TERMINAL_EXIT_CODES } from '#api/contract/report.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Target } from '#api/kubeconfig.ts';
import { writeKubeconfig } from '#api/kubeconfig.ts';
import type { Draft } from '#kube/client.ts';
import type { Job, Secret } from '#kube/resources.ts';
import { dataOf } from '#kube/secret-data.ts';
import { clusterLabels } from '#operator/host/labels.ts';
import type { GroupSettings } from '#operator/host/pod-settings.ts';
import { podSettingsHash, withMetadataSettings, withPodSettings } from '#operator/host/with-pod-settings.ts';
import type { Content } from './content.ts';
import { withOptOut } from './opt-out.ts';

/** What the administrator decides for all executors. */
export type ExecutorSettings = { image: string; logFormat: LogFormat };

const BACKOFF_LIMIT = 4;
const MAX_DEADLINE_SECONDS = 7 * 24 * 3600;
/** How long a pod may stay on a node that no longer answers. */
const GONE_NODE_SECONDS = 30;

/** Labels of everything that is made for one plugin of one cluster. */
function labelsOf(cluster: VirtualCluster, plugin: string): Record<string, string> {
  return {
    ...clusterLabels(cluster, EXECUTOR_COMPONENT),
    [LABEL.pluginName]: labelValue(plugin),
  };
}

/** The suspended, bare Job that admission and executor expect (api/job.ts); the webhook gives it its sources. */
export function buildJob(of: {
  name: string;
  cluster: VirtualCluster;
  plugin: VirtualClusterPlugin;
  content: Content;
  executor: ExecutorSettings;
  settings: GroupSettings;
}): Draft<Job> {
  const { name, cluster, plugin, content, executor, settings } = of;
  const hash = podSettingsHash(settings);
  const labels = labelsOf(cluster, plugin.metadata.name);
  const annotations = {
    [ANNOTATION.plugin]: plugin.metadata.name,
    [ANNOTATION.pluginUid]: plugin.metadata.uid,
    [ANNOTATION.pluginGeneration]: String(plugin.metadata.generation ?? 0),
    [ANNOTATION.digest]: content.digest,
    ...(hash && { [ANNOTATION.podSettings]: hash }),
  };
  return {
    metadata: withMetadataSettings(
      { name, namespace: plugin.metadata.namespace, labels, annotations },
      settings,
    ),
    spec: {
      suspend: true,
      backoffLimit: BACKOFF_LIMIT,
      activeDeadlineSeconds: deadlineSeconds(content),
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          // Without a container's name it means any of them: fetch as well as executor.
          { action: 'FailJob', onExitCodes: { operator: 'In', values: TERMINAL_EXIT_CODES } },
        ],
      },
      template: withOptOut(
        withPodSettings({ metadata: { labels, annotations }, spec: podSpec(name, executor) }, settings),
      ),
    },
  };
}

/** A backstop over all attempts, well past the deadlines that the executor keeps and reports itself. */
function deadlineSeconds({ order }: Content): number {
  const attemptMs = 2 * order.timeoutMs + (order.verify?.timeoutMs ?? 0) + 5 * 60_000;
  return Math.min(MAX_DEADLINE_SECONDS, Math.ceil(((BACKOFF_LIMIT + 1) * attemptMs) / 1000));
}

function podSpec(job: string, { image, logFormat }: ExecutorSettings) {
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    tolerations: ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: GONE_NODE_SECONDS,
    })),
    containers: [
      {
        name: EXECUTOR_CONTAINER,
        image,
        args: ['run'],
        env: [
          { name: IDENTITY_ENVIRONMENT, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ...(logFormat === 'text' ? [] : [{ name: LOG_FORMAT_ENVIRONMENT, value: logFormat }]),
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        // Small requests, so that many run at once; the limit is for what helm takes with a large chart.
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: VOLUME.order, mountPath: DIRECTORY.order, readOnly: true },
          { name: VOLUME.memory, mountPath: DIRECTORY.memory },
          { name: VOLUME.scratch, mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      // 0400 is unreadable to a non-root user, and fsGroup might change the user's own volumes.
      { name: VOLUME.order, secret: { secretName: orderSecretName(job), defaultMode: 0o444 } },
      { name: VOLUME.memory, emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      // Copies of sources (executor/source/limits.ts), and what the success command writes.
      { name: VOLUME.scratch, emptyDir: { sizeLimit: '1Gi' } },
    ],
  };
}

/** The Secret that the Job's pods mount: work order, sanitised kubeconfig, values. It goes with the Job. */
export function buildOrderSecret(of: {
  job: Job;
  cluster: VirtualCluster;
  plugin: VirtualClusterPlugin;
  content: Content;
  target: Target;
}): Draft<Secret> {
  const { job, cluster, plugin, content, target } = of;
  const { name, namespace, uid } = job.metadata;
  const texts = {
    ...content.files,
    [ORDER_KEYS.order]: JSON.stringify(content.order),
    [ORDER_KEYS.kubeconfig]: writeKubeconfig(target),
  };
  return {
    metadata: {
      name: orderSecretName(name),
      namespace,
      labels: labelsOf(cluster, plugin.metadata.name),
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid }],
    },
    type: 'Opaque',
    data: dataOf(texts),
  };
}
