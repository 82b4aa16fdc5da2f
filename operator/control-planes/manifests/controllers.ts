import { budget } from './api-server.ts';
import {
  type Blueprint,
  deployments,
  type Made,
  metadata,
  networkPolicies,
  type Program,
  selector,
} from './manifest.ts';
import { container, probe, secretVolume, TLS, template } from './pod.ts';

type Controller = {
  program: Program;
  name: 'controllerManager' | 'scheduler';
  port: number;
  args: string[];
  requests: { cpu: string; memory: string };
};

const controllersOf = ({ design }: Blueprint): Controller[] => [
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
      `--cluster-cidr=${design.podRange}`,
      `--service-cluster-ip-range=${design.serviceRange}`,
      `--cluster-signing-duration=${Math.floor(design.lifetimeMs / 1000)}s`,
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

/** Controller manager and scheduler: one of each works, elected in the tenant itself. */
export const controllers = (blueprint: Blueprint): Made[] =>
  controllersOf(blueprint).flatMap((controller) => controllerOf(blueprint, controller));

function controllerOf(blueprint: Blueprint, controller: Controller): Made[] {
  const { names, design } = blueprint;
  const { program } = controller;
  const name = names[controller.name];
  const made: Made[] = [
    {
      of: deployments,
      manifest: {
        metadata: metadata(blueprint, name, program),
        spec: {
          replicas: design.controllers,
          revisionHistoryLimit: 2,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          selector: { matchLabels: selector(blueprint, program) },
          template: template(blueprint, program, {
            hash: blueprint.hashes[controller.name],
            containers: [run(blueprint, controller)],
            volumes: [secretVolume('tls', names[`${controller.name}Tls`])],
            graceSeconds: 5,
          }),
        },
      },
    },
    // Nobody has any business with it but its kubelet, which no policy stops.
    {
      of: networkPolicies,
      manifest: {
        metadata: metadata(blueprint, name, program),
        spec: { podSelector: { matchLabels: selector(blueprint, program) }, policyTypes: ['Ingress'] },
      },
    },
  ];
  if (design.controllers > 1) made.push(budget(blueprint, name, program));
  return made;
}

const run = ({ images }: Blueprint, { program, port, args, requests }: Controller): object =>
  container(images, {
    program,
    command: [program],
    args: [
      `--kubeconfig=${TLS}/kubeconfig`,
      `--authentication-kubeconfig=${TLS}/kubeconfig`,
      `--authorization-kubeconfig=${TLS}/kubeconfig`,
      '--authentication-skip-lookup=true',
      // One alone as well: who waits for a lease waits for the API server, who doesn't ends when it is late.
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
