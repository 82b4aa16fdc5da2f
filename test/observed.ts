import { ANNOTATION, API_VERSION, jobName } from '#api/contract/names.ts';
import { formatTerminationMessage, type Report } from '#api/contract/report.ts';
import type { PluginInstallation, VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { InstallationRecord, PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { Observation } from '#operator/installations/observation.ts';

/** Objects as an observation of one plugin `web` of one cluster has them. */
export const TIME = '2026-01-01T00:00:00Z';

export const cluster = (over: Partial<VirtualCluster> = {}): VirtualCluster => ({
  apiVersion: API_VERSION,
  kind: 'VirtualCluster',
  metadata: { namespace: 'demo', name: 'vc', uid: 'cluster-uid', generation: 1, annotations: {} },
  spec: {},
  ...over,
});

export const plugin = (
  spec: Partial<VirtualClusterPlugin['spec']> = {},
  { namespace = 'demo', name = 'web' } = {},
): VirtualClusterPlugin => ({
  apiVersion: API_VERSION,
  kind: 'VirtualClusterPlugin',
  metadata: { namespace, name, uid: 'plugin-uid', generation: 3 },
  spec: { pluginSources: { yaml: { path: { hostPath: '/opt/web' } } }, ...spec },
});

/** What is installed by the content of `content()`. */
export const RECORD = {
  kind: 'yaml',
  targetNamespace: 'kube-system',
  digest: 'digest-1',
  targetUid: 'target-uid',
} as const;

/** The status of an installation that is installed as `content()` asks. */
export const recorded = (over: Partial<PluginInstallationStatus> = {}): PluginInstallationStatus => ({
  phase: 'Installed',
  reason: 'Installed',
  installed: RECORD,
  verified: 'Yes',
  ...over,
});

/** A record whose digest no longer stands for what is in the target. */
export const withoutDigest = ({ digest: _, ...record }: InstallationRecord): InstallationRecord => record;

/** The installation of a plugin in `cluster()`; `status` describes the newest generations. */
export const installation = (
  name = 'web',
  status?: PluginInstallationStatus,
  over: Partial<PluginInstallation> = {},
): PluginInstallation => ({
  apiVersion: API_VERSION,
  kind: 'PluginInstallation',
  metadata: { namespace: 'demo', name: `vc.${name}`, uid: `uid-of-vc.${name}`, generation: 1 },
  spec: { clusterRef: { name: 'vc' }, pluginRef: { namespace: 'demo', name }, state: 'Present' },
  ...(status && {
    status: { observedGeneration: 1, observedClusterGeneration: 1, observedPluginGeneration: 3, ...status },
  }),
  ...over,
});

export const content = (over: Partial<Content> = {}): Content => ({
  digest: 'digest-1',
  legacyDigest: 'legacy-1',
  record: RECORD,
  files: {},
  locations: [],
  order: {
    version: 1,
    action: 'install',
    cluster: { namespace: 'demo', name: 'vc', uid: 'cluster-uid' },
    plugin: { namespace: 'demo', name: 'web', uid: 'plugin-uid', generation: 3 },
    digest: 'digest-1',
    targetNamespace: 'kube-system',
    timeoutMs: 600_000,
    install: { kind: 'yaml', source: { slot: 'yaml', path: '' } },
    options: {},
  },
  ...over,
});

export const nameOfJob = (digest = 'digest-1', retry = '') =>
  jobName({ plugin: 'web', clusterUid: 'cluster-uid', pluginUid: 'plugin-uid', digest, retry });

/** Changes an object that a builder makes. */
type Change<T> = (object: T) => void;

/** A Job that the webhook has injected and the operator has let run, with changes: `job(suspended)`. */
export function job(...changes: Change<Job>[]): Job {
  const made: Job = {
    metadata: {
      namespace: 'demo',
      name: '',
      uid: '',
      creationTimestamp: TIME,
      annotations: {
        [ANNOTATION.plugin]: 'web',
        [ANNOTATION.pluginGeneration]: '3',
        [ANNOTATION.injectedGeneration]: '3',
      },
    },
    spec: { suspend: false, template: { spec: {} } },
    status: {},
  };
  for (const change of [withDigest('digest-1'), ...changes]) change(made);
  return made;
}

const annotate = ({ metadata }: Job, name: string, value: string | undefined) => {
  const { [name]: _, ...others } = metadata.annotations ?? {};
  metadata.annotations = { ...others, ...(value !== undefined && { [name]: value }) };
};

/** With the name that such a Job has. */
export const withDigest =
  (digest: string, retry = ''): Change<Job> =>
  (made) => {
    const name = nameOfJob(digest, retry);
    Object.assign(made.metadata, { name, uid: `uid-of-${name}` });
    annotate(made, ANNOTATION.digest, digest);
  };

export const withStatus =
  (status: NonNullable<Job['status']>): Change<Job> =>
  (made) => {
    made.status = status;
  };

/** undefined: admitted without the webhook. */
export const injectedWith =
  (generation: string | undefined): Change<Job> =>
  (made) =>
    annotate(made, ANNOTATION.injectedGeneration, generation);

export const createdAt =
  (creationTimestamp: string): Change<Job> =>
  ({ metadata }) =>
    Object.assign(metadata, { creationTimestamp });

export const ofPlugin =
  (namespace: string, name: string): Change<Job> =>
  (made) => {
    made.metadata.namespace = namespace;
    annotate(made, ANNOTATION.plugin, name);
  };

export const suspended: Change<Job> = ({ spec }) => Object.assign(spec, { suspend: true });
export const beingDeleted: Change<Job> = ({ metadata }) =>
  Object.assign(metadata, { deletionTimestamp: TIME });

export const condition = (type: string, reason = type) => ({
  conditions: [{ type, status: 'True', reason, message: `${type} it is` }],
});

export function pod(status: Pod['status'] = { phase: 'Pending' }, of: Job = job(), name = 'pod'): Pod {
  const { uid, name: jobName } = of.metadata;
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: jobName, uid }];
  return {
    metadata: { namespace: 'demo', name, uid: name, creationTimestamp: TIME, ownerReferences },
    status,
  };
}

/** The status of a pod whose executor has ended. */
export const ended = (
  exitCode: number,
  report?: Partial<Report>,
  transcript = '',
  phase: 'Succeeded' | 'Failed' | 'Running' = exitCode === 0 ? 'Succeeded' : 'Failed',
): NonNullable<Pod['status']> => {
  const facts: Report = { step: 'install', reason: 'Succeeded', message: '', ...report };
  const message = report && { message: formatTerminationMessage(facts, transcript) };
  const terminated = { exitCode, finishedAt: TIME, ...message };
  return { phase, containerStatuses: [{ name: 'executor', state: { terminated } }] };
};

export const observation = (over: Partial<Observation> = {}): Observation => ({
  cluster: cluster(),
  wanted: { plugin: plugin() },
  content: content(),
  recorded: {},
  jobs: [],
  pods: [],
  now: Date.parse(TIME),
  ...over,
});
