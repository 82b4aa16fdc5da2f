import { hostname } from 'node:os';
import { readCommandLine, type Start } from '#api/command-line.ts';
import { LOG_FORMATS } from '#api/contract/job.ts';
import { SYSTEM_NAMESPACE } from '#api/contract/names.ts';
import { parseDuration } from '#api/duration.ts';
import {
  type FlagValues,
  listFlag,
  oneOf,
  optionalFlag,
  textFlag,
  UsageError,
  valueFlag,
  wholeNumber,
} from '#api/flags.ts';
import { type Settings, settingsFlags, settingsOf } from '#api/settings.ts';
import { LOG_LEVELS } from '#kube/log.ts';
import { type ControlPlaneFlags, SERVICE_TYPES } from '#operator/control-planes/spec.ts';
import type { ExecutorSettings } from '#operator/executor-jobs/build-job.ts';
import { parseWorkerSize, type WorkerSize } from './nodes/workers/size.ts';

/** Everything that the operator reads from its flags, once. */
export type Config = {
  settings: Settings;
  controlPlanes: ControlPlaneFlags;
  executor: ExecutorSettings;
  namespace: string;
  identity: string;
  metricsPort: number;
  concurrency: number;
  logLevel: string;
  workerMaxSize: WorkerSize;
  insecureRegistries: string[];
  /** Labels that a host node must have to be promoted. */
  promotableLabels: Record<string, string>;
};

const FLAGS = {
  'executor-image': textFlag({
    placeholder: 'IMAGE',
    description: 'Image of the executor Jobs',
    default: 'pinion/executor',
  }),
  'executor-log-format': valueFlag({
    placeholder: 'FORMAT',
    description: `Log format of the executor Jobs: ${LOG_FORMATS.join(' or ')}`,
    default: 'text',
    parse: oneOf(LOG_FORMATS),
  }),
  namespace: textFlag({
    placeholder: 'NAMESPACE',
    description: "Namespace of the operator: its Lease, its Secrets and the list of the components' images",
    default: SYSTEM_NAMESPACE,
  }),
  identity: optionalFlag({
    placeholder: 'NAME',
    description: "Unique name of this replica in the leader election; without it, the machine's host name",
  }),
  'metrics-port': valueFlag({
    placeholder: 'PORT',
    description: 'HTTP port of /healthz, /readyz and /metrics',
    default: '8080',
    parse: wholeNumber(0, 65535),
  }),
  concurrency: valueFlag({
    placeholder: 'N',
    description: 'How many VirtualClusters are reconciled at the same time',
    default: '8',
    parse: wholeNumber(1, 256),
  }),
  'worker-max-size': valueFlag({
    placeholder: 'CPU/MEMORY',
    description: 'Largest size of a worker pod',
    default: '8/32Gi',
    parse: parseWorkerSize,
  }),
  'promotable-nodes': listFlag({
    placeholder: 'KEY=VALUE',
    description:
      'Label that a host node needs to be promoted. With several, it needs all of them; with none, every node qualifies',
    parse: labelPair,
  }),
  'insecure-registry': listFlag({
    placeholder: 'HOST:PORT',
    description: 'Image registry without TLS that nodes of managed clusters may pull from',
  }),
  'service-type': valueFlag({
    placeholder: 'TYPE',
    description: `Service type of the API servers of managed clusters: ${SERVICE_TYPES.join(', ')}`,
    default: 'NodePort',
    parse: oneOf(SERVICE_TYPES),
  }),
  'storage-class': optionalFlag({
    placeholder: 'CLASS',
    description: "StorageClass of etcd in managed clusters; without it, the host cluster's default class",
  }),
  'certificate-lifetime': valueFlag({
    placeholder: 'DURATION',
    description: 'Lifetime of the certificates of control planes, at least 2m',
    default: '8760h',
    parse: lifetime,
  }),
  ...settingsFlags,
  'log-level': valueFlag({
    placeholder: 'LEVEL',
    description: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}`,
    default: 'info',
    parse: oneOf(LOG_LEVELS),
  }),
};

const USAGE = {
  command: 'node operator/main.ts',
  about:
    "Reconciles VirtualClusters and their plugins. The host cluster is the pod's own, or that of KUBECONFIG.",
  flags: FLAGS,
};

/** Reads the flags: what to run with, or the text of --help or of an error. */
export const readConfig = (args: readonly string[]): Start<Config> => readCommandLine(USAGE, args, configOf);

const configOf = (values: FlagValues<typeof FLAGS>): Config => ({
  settings: settingsOf(values),
  controlPlanes: {
    serviceType: values['service-type'],
    storageClass: values['storage-class'],
    certificateLifetimeMs: values['certificate-lifetime'],
  },
  executor: { image: values['executor-image'], logFormat: values['executor-log-format'] },
  namespace: values.namespace,
  identity: values.identity ?? hostname(),
  metricsPort: values['metrics-port'],
  concurrency: values.concurrency,
  logLevel: values['log-level'],
  workerMaxSize: values['worker-max-size'],
  insecureRegistries: values['insecure-registry'],
  promotableLabels: Object.fromEntries(values['promotable-nodes']),
});

function labelPair(text: string): [key: string, value: string] {
  const [, key, value] = /^([^=\s]+)=([^=\s]*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new UsageError(`"${text}" must be KEY=VALUE, like example.com/pool=tenants`);
}

/** @returns milliseconds */
function lifetime(text: string): number {
  const shortest = 120_000;
  try {
    const milliseconds = parseDuration(text);
    if (milliseconds >= shortest) return milliseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new UsageError(`"${text}" must be a duration of at least 2m, like 8760h`);
}
