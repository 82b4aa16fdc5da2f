import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { LOG_FORMATS } from '#api/contract/job.ts';
import { SYSTEM_NAMESPACE } from '#api/contract/names.ts';
import { parseDuration } from '#api/duration.ts';
import { readSettings, type Settings, settingsFlags } from '#api/settings.ts';
import { type ControlPlaneFlags, SERVICE_TYPES } from '#operator/control-planes/spec.ts';
import type { ExecutorSettings } from '#operator/executor-jobs/build-job.ts';
import { parseWorkerSize, type WorkerSize } from './nodes/workers/size.ts';

/** Everything that the operator reads from its flags, once. */
export type Config = {
  help: boolean;
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
  /** Labels that a host node must have to be moved into a tenant. */
  promotableLabels: Record<string, string>;
};

export const USAGE = `usage: node operator/main.ts [flags]
  --executor-image IMAGE      image of the executor Jobs (pinion/executor)
  --executor-log-format FORMAT  of the Jobs' logs: ${LOG_FORMATS.join(' or ')} (text)
  --namespace NAMESPACE       where the leader's Lease is (${SYSTEM_NAMESPACE})
  --identity NAME             this replica, unique (the host's name)
  --metrics-port PORT         /healthz, /readyz and /metrics (8080)
  --concurrency N             VirtualClusters that are worked on at once (8)
  --worker-max-size CPU/MEM   no worker pod is made larger (8/32Gi)
  --promotable-nodes KEY=VALUE  label of the host nodes that may be moved into tenants; repeated: all (any node)
  --insecure-registry HOST    host:port of a registry without TLS, for tenants' nodes; may be repeated
  --log-level LEVEL           debug, info, warn or error (info)
  --plugin-store-claim CLAIM  the claim that a pvPath without one means
  --allow-host-path PREFIX    host directories that sources may use; may be repeated
  --allow-source-cidrs CIDR   private ranges that sources may be fetched from; may be repeated
  --source-secure-loose       accept http:// and unverified TLS for sources
  --service-type TYPE         of the API servers of control planes: ${SERVICE_TYPES.join(', ')} (NodePort)
  --storage-class CLASS       of the datastores of control planes (the host's default class)
  --certificate-lifetime DURATION  of the certificates of control planes (8760h, a year)
`;

/** @throws TypeError for a flag that is unknown or has a wrong value. */
export function readConfig(args: string[]): Config {
  const { values } = parseArgs({
    args,
    options: {
      ...settingsFlags,
      help: { type: 'boolean', short: 'h' },
      'executor-image': { type: 'string', default: 'pinion/executor' },
      'executor-log-format': { type: 'string', default: 'text' },
      namespace: { type: 'string', default: SYSTEM_NAMESPACE },
      identity: { type: 'string', default: hostname() },
      'metrics-port': { type: 'string', default: '8080' },
      concurrency: { type: 'string', default: '8' },
      'worker-max-size': { type: 'string', default: '8/32Gi' },
      'promotable-nodes': { type: 'string', multiple: true, default: [] },
      'insecure-registry': { type: 'string', multiple: true, default: [] },
      'log-level': { type: 'string', default: 'info' },
      'service-type': { type: 'string', default: 'NodePort' },
      'storage-class': { type: 'string' },
      'certificate-lifetime': { type: 'string', default: '8760h' },
    },
  });
  return {
    help: values.help ?? false,
    settings: readSettings(values),
    controlPlanes: {
      serviceType: oneOf('service-type', values['service-type'], SERVICE_TYPES),
      storageClass: values['storage-class'] || undefined,
      certificateLifetimeMs: lifetime(values['certificate-lifetime']),
    },
    executor: {
      image: values['executor-image'],
      logFormat: oneOf('executor-log-format', values['executor-log-format'], LOG_FORMATS),
    },
    namespace: values.namespace,
    identity: values.identity,
    metricsPort: whole('metrics-port', values['metrics-port'], 0, 65535),
    concurrency: whole('concurrency', values.concurrency, 1, 256),
    logLevel: values['log-level'],
    workerMaxSize: parseWorkerSize(values['worker-max-size']),
    insecureRegistries: values['insecure-registry'],
    promotableLabels: Object.fromEntries(values['promotable-nodes'].map(labelPair)),
  };
}

function labelPair(text: string): [key: string, value: string] {
  const [, key, value] = /^([^=\s]+)=([^=\s]*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new TypeError(`--promotable-nodes "${text}" must be KEY=VALUE, like example.com/pool=tenants`);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`--${flag} "${text}" must be a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new TypeError(`--${flag} "${text}" must be one of ${choices.join(', ')}`);
}

function lifetime(text: string): number {
  const shortest = 120_000;
  try {
    const asked = parseDuration(text);
    if (asked >= shortest) return asked;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new TypeError(`--certificate-lifetime "${text}" must be a duration of at least 2m, like 8760h`);
}
