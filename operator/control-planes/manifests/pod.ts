import { apart } from '#operator/host/pod-anti-affinity.ts';
import {
  type Blueprint,
  CERTIFICATES_ANNOTATION,
  type Images,
  PROGRAM_LABEL,
  type Program,
  selector,
} from './manifest.ts';

const USER = 65532;
/** Where a program finds its certificates and keys. */
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

/** A container that may do nothing but what its program is for. */
export function container(images: Images, of: Container): object {
  const { program, command, args, requests, ports, mounts, probes = {}, environment = {} } = of;
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return {
    name: program,
    image: images[program],
    ...(command && { command }),
    args,
    ...(env.length > 0 && { env }),
    resources: { requests },
    ...(ports && { ports }),
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

/** A volume of a Secret that only the pod's own user can read. */
export const secretVolume = (name: string, secretName: string): object => ({
  name,
  secret: { secretName, defaultMode: 0o440 },
});

/** A pod template under restricted Pod Security, without any right in the host's API. */
export function template(
  blueprint: Blueprint,
  program: Program,
  of: { hash?: string | undefined; containers: object[]; volumes: object[]; graceSeconds: number },
): object {
  return {
    metadata: {
      labels: { ...blueprint.labels, [PROGRAM_LABEL]: program },
      ...(of.hash && { annotations: { [CERTIFICATES_ANNOTATION]: of.hash } }),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: of.graceSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      affinity: apart(selector(blueprint, program)),
      containers: of.containers,
      volumes: of.volumes,
    },
  };
}

/** Asks an HTTP path; `patience` is the number of failures in a row, one each period, that are forgiven. */
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
