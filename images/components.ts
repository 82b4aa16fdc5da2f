/** The images of control planes and nodes, and the Go program in each. */
import type { ComponentName } from '#operator/host/component-images.ts';

/** A Go program of images/tools: its package there and the names by which its one file is called. */
type GoProgram = { package: string; names: readonly string[] };

const version = 'k8s.io/component-base/version';

/** Linker flags that give Kubernetes its version. */
export const KUBERNETES_FLAGS = `-s -w -X ${version}.gitVersion=v1.36.3 -X ${version}.gitMajor=1 -X ${version}.gitMinor=36`;

const KUBE_NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** The programs that have an image. */
export const COMPONENT_PROGRAMS = {
  kube: { package: './cmd/kube', names: KUBE_NAMES },
  'proxy-server': { package: './cmd/proxy-server', names: [] },
  'proxy-agent': { package: './cmd/proxy-agent', names: [] },
  coredns: { package: './cmd/coredns', names: [] },
  'metrics-server': { package: 'sigs.k8s.io/metrics-server/cmd/metrics-server', names: [] },
} as const satisfies Record<string, GoProgram>;
export type ComponentProgram = keyof typeof COMPONENT_PROGRAMS;
export const componentPrograms = Object.keys(COMPONENT_PROGRAMS) as ComponentProgram[];

/** Go programs of images/worker-base. */
export const WORKER_PROGRAMS = { kube: './cmd/kube', flanneld: './cmd/flanneld' } as const;

/** The program in the image of each component; worker and pause have their own images. */
const PROGRAM_OF: Record<Exclude<ComponentName, 'worker' | 'pause'>, ComponentProgram> = {
  etcd: 'kube',
  'kube-apiserver': 'kube',
  'kube-controller-manager': 'kube',
  'kube-scheduler': 'kube',
  'konnectivity-server': 'proxy-server',
  'konnectivity-agent': 'proxy-agent',
  coredns: 'coredns',
  'node-local-dns': 'coredns',
  'metrics-server': 'metrics-server',
};

/** The image of every component, from those of its program, the worker and pause. */
export function componentImages(
  programs: Record<ComponentProgram, string>,
  { worker, pause }: { worker: string; pause: string },
): Record<ComponentName, string> {
  const ofPrograms = Object.entries(PROGRAM_OF).map(([name, program]) => [name, programs[program]]);
  return { ...Object.fromEntries(ofPrograms), worker, pause } as Record<ComponentName, string>;
}
