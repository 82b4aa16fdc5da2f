import type { JoinOrder } from '#api/contract/join-order.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';

/** Free memory below which the kubelet evicts. A node of a given size reaches its control group's limit before. */
const EVICTION = { machine: 100 * 2 ** 20, sized: 2 ** 20 };

/** Settings of the kubelet. */
export function kubeletFiles(order: JoinOrder, machine: Machine): Files {
  const paths = pathsIn(machine.folders);
  const evictionBytes = order.capacity ? EVICTION.sized : EVICTION.machine;
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: paths.authority },
    },
    authorization: { mode: 'Webhook' },
    rotateCertificates: true,
    clusterDNS: [order.dnsAddress],
    clusterDomain: order.clusterDomain,
    resolvConf: paths.resolvConf,
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: machine.cgroupRoot,
    failCgroupV1: false,
    failSwapOn: false,
    // In a pod the kernel's settings belong to the host: the kubelet goes on when it can't set them.
    featureGates: { KubeletInUserNamespace: true },
    localStorageCapacityIsolation: false,
    enforceNodeAllocatable: ['pods'],
    ...reservation(order, machine, evictionBytes),
    evictionHard: {
      'memory.available': String(evictionBytes),
      'nodefs.available': '3%',
      'imagefs.available': '3%',
    },
    imageGCHighThresholdPercent: 95,
    imageGCLowThresholdPercent: 90,
    nodeStatusUpdateFrequency: '5s',
    shutdownGracePeriod: '0s',
    serializeImagePulls: false,
    kubeAPIQPS: 50,
    kubeAPIBurst: 100,
  };
  return { [paths.kubeletConfig]: { text: `${JSON.stringify(config, null, 2)}\n`, mode: 0o644 } };
}

/** The kubelet sees the whole machine. It reserves everything above the node's size, so that it offers just that. */
function reservation({ capacity }: JoinOrder, { total }: Machine, evictionBytes: number) {
  if (!capacity) return {};
  const cpuMillis = Math.max(0, total.cpuMillis - capacity.cpuMillis);
  const memoryBytes = Math.max(0, total.memoryBytes - capacity.memoryBytes - evictionBytes);
  return { systemReserved: { cpu: `${cpuMillis}m`, memory: String(memoryBytes) } };
}
