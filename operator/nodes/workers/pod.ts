import type { JoinOrder } from '#api/contract/join-order.ts';
import { ANNOTATION, API_VERSION, LABEL, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Secret } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';
import { clusterLabels } from '#operator/host/labels.ts';
import { podAntiAffinity } from '#operator/host/pod-anti-affinity.ts';
import type { GroupSettings } from '#operator/host/pod-settings.ts';
import { podSettingsHash, withPodSettings } from '#operator/host/with-pod-settings.ts';
import type { WantedWorker } from './size.ts';

/** Resources of the node's own programs, on top of what the tenant asks for: measured, then rounded up. */
export const OVERHEAD = { cpuMillis: 100, memoryBytes: 320 * 2 ** 20 };
/** deploy/operator/priority-class.yaml */
const PRIORITY_CLASS = 'pinion-worker';
const AGENT = '/opt/pinion/node-agent';
const HEALTH_PORT = 10270;
const ORDER_FOLDER = '/etc/pinion-join';
const ORDER_FILE = 'order.json';

export const joinSecretName = (worker: string): string => `${worker}-join`;

const metaOf = (cluster: VirtualCluster, name: string) => ({
  namespace: cluster.metadata.namespace,
  name,
  labels: clusterLabels(cluster, WORKER_COMPONENT),
  ownerReferences: [
    {
      apiVersion: API_VERSION,
      kind: 'VirtualCluster',
      name: cluster.metadata.name,
      uid: cluster.metadata.uid,
      controller: true,
    },
  ],
});

/** The Secret with a worker pod's join order. */
export function joinSecret(cluster: VirtualCluster, order: JoinOrder) {
  const data = dataOf({ [ORDER_FILE]: JSON.stringify(order) });
  return { metadata: metaOf(cluster, joinSecretName(order.nodeName)), type: 'Opaque', data };
}

/** The bootstrap token in such a Secret. */
export function tokenIn(secret: Secret): string | undefined {
  const text = textsIn(secret)[ORDER_FILE];
  return text ? (JSON.parse(text) as JoinOrder).bootstrapToken : undefined;
}

/** A pod that is a node of the tenant, of the wanted size. It is privileged, because it starts containers. */
export function workerPod(
  cluster: VirtualCluster,
  { name, size }: WantedWorker,
  { image, settings }: { image: string; settings: GroupSettings },
) {
  const hash = podSettingsHash(settings);
  const resources = {
    cpu: `${size.cpuMillis + OVERHEAD.cpuMillis}m`,
    memory: String(size.memoryBytes + OVERHEAD.memoryBytes),
  };
  const others = { [LABEL.component]: WORKER_COMPONENT, [LABEL.clusterUid]: cluster.metadata.uid };
  const pod = {
    metadata: {
      ...metaOf(cluster, name),
      ...(hash && { annotations: { [ANNOTATION.podSettings]: hash } }),
    },
    spec: {
      restartPolicy: 'Always',
      // The agent stops at once, and everything in the pod with it.
      terminationGracePeriodSeconds: 5,
      priorityClassName: PRIORITY_CLASS,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // The host node's resolver: tenants must not resolve the host cluster's Services.
      dnsPolicy: 'Default',
      affinity: podAntiAffinity(others),
      containers: [
        {
          name: 'node',
          image,
          // catatonit reaps the processes that containerd's shims leave behind.
          command: [
            'catatonit',
            '--',
            'sh',
            `${AGENT}/worker/enter.sh`,
            'node',
            `${AGENT}/main.ts`,
            'worker',
          ],
          args: [`--order=${ORDER_FOLDER}/${ORDER_FILE}`, `--health-port=${HEALTH_PORT}`],
          securityContext: { privileged: true },
          resources: { requests: resources, limits: resources },
          livenessProbe: {
            httpGet: { path: '/healthz', port: HEALTH_PORT },
            initialDelaySeconds: 10,
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
          volumeMounts: [
            { name: 'join', mountPath: ORDER_FOLDER, readOnly: true },
            { name: 'containerd', mountPath: '/var/lib/containerd' },
            { name: 'kubelet', mountPath: '/var/lib/kubelet' },
          ],
        },
      ],
      volumes: [
        { name: 'join', secret: { secretName: joinSecretName(name), defaultMode: 0o400 } },
        { name: 'containerd', emptyDir: {} },
        { name: 'kubelet', emptyDir: {} },
      ],
    },
  };
  return withPodSettings(pod, settings);
}
