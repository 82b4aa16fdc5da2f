import { budget } from './api-server.ts';
import {
  type Desired,
  deployments,
  metadata,
  networkPolicies,
  type Program,
  type RenderInput,
  selector,
  workloadMetadata,
} from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

type Controller = {
  program: Program;
  name: 'controllerManager' | 'scheduler';
  port: number;
  args: string[];
  requests: { cpu: string; memory: string };
};

const controllersOf = ({ spec }: RenderInput): Controller[] => [
  {
    program: 'kube-controller-manager',
    name: 'controllerManager',
    port: 10257,
    args: [
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${TLS}/sa.key`,
      `--root-ca-file=${TLS}/ca.crt`,
      `--cluster-signing-cert-file=${TLS}/signer.crt`,
      `--cluster-signing-key-file=${TLS}/signer.key`,
      '--allocate-node-cidrs=true',
      `--cluster-cidr=${spec.podRange}`,
      `--service-cluster-ip-range=${spec.serviceRange}`,
      `--cluster-signing-duration=${Math.floor(spec.lifetimeMs / 1000)}s`,
    ],
    requests: { cpu: '20m', memory: '64Mi' },
  },
  {
    program: 'kube-scheduler',
    name: 'scheduler',
    port: 10259,
    args: [],
    requests: { cpu: '10m', memory: '48Mi' },
  },
];

/** Controller manager and scheduler. One replica of each is active, by leader election in the tenant. */
export const controllers = (input: RenderInput): Desired[] =>
  controllersOf(input).flatMap((controller) => controllerOf(input, controller));

function controllerOf(input: RenderInput, controller: Controller): Desired[] {
  const { names, spec } = input;
  const { program } = controller;
  const name = names[controller.name];
  const desired: Desired[] = [
    {
      resource: deployments,
      manifest: {
        metadata: workloadMetadata(input, name, program),
        spec: {
          replicas: spec.controllers,
          revisionHistoryLimit: 2,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          selector: { matchLabels: selector(input, program) },
          template: template(input, program, {
            hash: input.hashes[controller.name],
            containers: [run(input, controller)],
            volumes: [secretVolume('tls', names[`${controller.name}Tls`])],
            graceSeconds: 5,
          }),
        },
      },
    },
    // Only the kubelet probes the pods, and network policies don't apply to it.
    {
      resource: networkPolicies,
      manifest: {
        metadata: metadata(input, name, program),
        spec: { podSelector: { matchLabels: selector(input, program) }, policyTypes: ['Ingress'] },
      },
    },
  ];
  if (spec.controllers > 1) desired.push(budget(input, name, program));
  return desired;
}

const run = ({ images }: RenderInput, { program, port, args, requests }: Controller) =>
  container(images, {
    program,
    command: [program],
    args: [
      `--kubeconfig=${TLS}/kubeconfig`,
      `--authentication-kubeconfig=${TLS}/kubeconfig`,
      `--authorization-kubeconfig=${TLS}/kubeconfig`,
      '--authentication-skip-lookup=true',
      // For a single replica too: with leader election it retries until the API server is up; without, it exits.
      '--leader-elect=true',
      '--leader-elect-lease-duration=10s',
      '--leader-elect-renew-deadline=6s',
      '--profiling=false',
      ...args,
    ],
    requests,
    mounts: [{ name: 'tls', mountPath: TLS, readOnly: true }],
    probes: {
      startup: probe('HTTPS', port, '/healthz', { patience: 300 }),
      readiness: probe('HTTPS', port, '/healthz', { periodSeconds: 5 }),
      liveness: probe('HTTPS', port, '/healthz', { periodSeconds: 10, patience: 8 }),
    },
  });
