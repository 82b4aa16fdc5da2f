import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { InstallationRecord, PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import type { Job } from '#kube/resources.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import { createdAt } from '#operator/executor-jobs/jobs.ts';
import type { Observation } from './observation.ts';
import { failureKey, retryOf } from './state.ts';

/*
 * Releases before PluginInstallation kept the record in `status.plugins[]` of the VirtualCluster, under digests that
 * contained the server's address. What they installed is taken over from there, and nothing is installed again.
 */

/** The entry of a plugin that an earlier release has written; undefined once an installation has taken it over. */
export function legacyEntry({ status }: VirtualCluster, plugin: string): PluginStatus | undefined {
  return status?.plugins?.find(({ name, installation }) => name === plugin && installation === undefined);
}

/** Such an entry as the status of an installation. `plugin` is what is known of it today. */
export function legacyStatus(
  entry: PluginStatus | undefined,
  plugin: VirtualClusterPlugin | undefined,
): PluginInstallationStatus {
  if (entry === undefined) return {};
  const { name: _, namespace: __, installation: ___, digest, release, revision, ...shared } = entry;
  if (digest === undefined) return shared;
  const { spec } = plugin ?? {};
  const record: InstallationRecord = {
    kind: release !== undefined ? 'chart' : spec?.pluginSources.kustomize ? 'kustomize' : 'yaml',
    ...(spec && { targetNamespace: spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace }),
    ...(release !== undefined && { release }),
    ...(revision !== undefined && { revision }),
    digest,
  };
  return { ...shared, installed: record };
}

/**
 * The observation in the digests of today: a record or a Job of the legacy digest of the content is one of its digest.
 * Pure.
 */
export function adopt(observed: Observation, isTakeover: boolean): Observation {
  const { content } = observed;
  if ('reason' in content) return observed;
  const jobs = observed.jobs.map((job) => withTodaysDigest(job, content));
  const recorded = withTodaysDigests(observed, content);
  // Also when a first status was written that could not know the content.
  const knowsStarted = recorded.installing !== undefined || recorded.installed?.digest !== undefined;
  const isUnknown = isTakeover || !knowsStarted;
  return { ...observed, jobs, recorded: isUnknown ? withStarted(recorded, content, jobs) : recorded };
}

const digestOf = ({ metadata }: Job) => metadata.annotations?.[ANNOTATION.digest];

function withTodaysDigest(job: Job, { digest, legacyDigest }: Content): Job {
  if (digestOf(job) !== legacyDigest) return job;
  const annotations = { ...job.metadata.annotations, [ANNOTATION.digest]: digest };
  return { ...job, metadata: { ...job.metadata, annotations } };
}

function withTodaysDigests(observed: Observation, content: Content): PluginInstallationStatus {
  const { installed, failedDigest, ...rest } = observed.recorded;
  const { digest, legacyDigest, record } = content;
  const retry = retryOf(observed);
  const isSame = installed?.digest === legacyDigest;
  const hasFailed = failedDigest === failureKey(legacyDigest, retry);
  return {
    ...rest,
    ...(installed && { installed: isSame ? { ...installed, ...record } : installed }),
    ...(failedDigest && { failedDigest: hasFailed ? failureKey(digest, retry) : failedDigest }),
  };
}

/**
 * The earlier release did not write down what it started: that is the newest Job which was let run. When its content
 * is another one than what is recorded as installed, the record may no longer be what is in the target.
 */
function withStarted(
  recorded: PluginInstallationStatus,
  { record }: Content,
  jobs: readonly Job[],
): PluginInstallationStatus {
  const newest = jobs
    .filter(({ spec }) => spec.suspend !== true)
    .sort((a, b) => createdAt(a) - createdAt(b))
    .at(-1);
  if (newest === undefined) return recorded;
  const digest = digestOf(newest);
  const { installed, ...rest } = recorded;
  const isStale = installed?.digest !== digest;
  const { digest: _, ...stale } = installed ?? record;
  return {
    ...rest,
    ...(installed && { installed: isStale ? stale : installed }),
    installing: { ...record, ...(digest !== undefined && { digest }) },
  };
}
