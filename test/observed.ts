import { ANNOTATION, API_VERSION, jobName } from '#api/contract/names.ts';
import { formatTerminationMessage, type Report } from '#api/contract/report.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
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

export const plugin = (spec: Partial<VirtualClusterPlugin['spec']> = {}): VirtualClusterPlugin => ({
  apiVersion: API_VERSION,
  kind: 'VirtualClusterPlugin',
  metadata: { namespace: 'demo', name: 'web', uid: 'plugin-uid', generation: 3 },
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

/** A Job that the webhook has injected and the operator has let run. */
export function job(
  over: {
    digest?: string;
    retry?: string;
    spec?: object;
    status?: object;
    metadata?: object;
    injected?: string | null;
  } = {},
): Job {
  const { digest = 'digest-1', retry = '', injected = '3' } = over;
  const name = nameOfJob(digest, retry);
  return {
    metadata: {
      namespace: 'demo',
      name,
      uid: `uid-of-${name}`,
      creationTimestamp: TIME,
      annotations: {
        [ANNOTATION.plugin]: 'web',
        [ANNOTATION.digest]: digest,
        [ANNOTATION.pluginGeneration]: '3',
        ...(injected !== null && { [ANNOTATION.injectedGeneration]: injected }),
      },
      ...over.metadata,
    },
    spec: { suspend: false, template: { spec: {} }, ...over.spec },
    status: over.status ?? {},
  };
}

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
  ...over,
});
