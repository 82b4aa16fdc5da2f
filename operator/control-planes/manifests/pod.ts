import { podAntiAffinity } from '#operator/host/pod-anti-affinity.ts';
import { withPodSettings } from '#operator/host/with-pod-settings.ts';
import {
  CERTIFICATES_ANNOTATION,
  type Images,
  PROGRAM_LABEL,
  type Program,
  type RenderInput,
  selector,
} from './manifest.ts';

const USER = 65532;
/** Folder of a program's certificates and keys. */
export const TLS = '/etc/pinion/tls';

type Container = {
  program: Program;
  /** Absent: the image's own entry point. */
  command?: string[];
  args: string[];
  requests: { cpu: string; memory: string };
  ports?: { name: string; containerPort: number }[];
  mounts: { name: string; mountPath: string; readOnly?: boolean }[];
  probes?: { startup?: object; readiness?: object; liveness?: object };
  environment?: Record<string, string>;
};

type RenderedContainer = {
  name: Program;
  resources: { requests: Record<string, string> };
  [field: string]: unknown;
};

/** A container with the fewest privileges that its program works with. */
export function container(images: Images, options: Container): RenderedContainer {
  const { program, command, args, requests, ports, mounts, probes = {}, environment = {} } = options;
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return {
    name: program,
    image: images[program],
    ...(command && { command }),
    args,
    ...(env.length > 0 && { env }),
    resources: { requests },
    ...(ports && { ports }),
    // The last lines of a program that fails, like those of an etcd whose volume is full, reach the status.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts,
    ...(probes.startup && { startupProbe: probes.startup }),
    ...(probes.readiness && { readinessProbe: probes.readiness }),
    ...(probes.liveness && { livenessProbe: probes.liveness }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** A Secret volume that only the pod's own user can read. */
export const secretVolume = (name: string, secretName: string): object => ({
  name,
  secret: { secretName, defaultMode: 0o440 },
});

/** A pod template that meets the `restricted` Pod Security Standard and has no access to the host's API. */
export function template(
  input: RenderInput,
  program: Program,
  options: {
    hash?: string | undefined;
    containers: RenderedContainer[];
    volumes: object[];
    graceSeconds: number;
  },
): object {
  const pod = {
    metadata: {
      labels: { ...input.labels, [PROGRAM_LABEL]: program },
      ...(options.hash && { annotations: { [CERTIFICATES_ANNOTATION]: options.hash } }),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: options.graceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      affinity: podAntiAffinity(selector(input, program)),
      containers: options.containers,
      volumes: options.volumes,
    },
  };
  return withPodSettings(pod, input.podSettings);
}

/** An HTTP probe that fails after `patience` failed requests in a row, one each period. */
export const probe = (
  scheme: 'HTTP' | 'HTTPS',
  port: number,
  path: string,
  { periodSeconds = 1, patience = 3 } = {},
): object => ({
  httpGet: { scheme, port, path },
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold: patience,
});
