import { ANNOTATION } from '#api/contract/names.ts';
import { ReasonedError, TerminalError } from '#api/errors.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import type { ValuesText } from '#api/payloads/payload-row.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import { jobBlockage, lookAfterMs, podBlockage } from '#api/pod-start.ts';
import { problemOf } from '#api/problem.ts';
import type { Settings } from '#api/settings.ts';
import { describeProblems, type Validation, validatePlugin } from '#api/validation/index.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { Facts } from '#operator/access/facts.ts';
import { isFinished, isJobOf, isPodOf, podsOf } from '#operator/executor-jobs/jobs.ts';
import type { DigestKey } from '#operator/host/digest-key.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import { podRefusal } from '#operator/host/pod-refusal.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { podSettingsHash } from '#operator/host/with-pod-settings.ts';
import { resolveContent } from './desired.ts';
import type { Observation } from './observation.ts';

export type ObserveDependencies = {
  events: EventReader;
  references: ReferenceReader;
  digestKey: Pick<DigestKey, 'fingerprint'>;
  settings: Settings;
  podSettings: ReadPodSettings;
  now: () => number;
};

/** While a pod is kept from starting, how often the reason is looked up again. */
const LOOK_AGAIN_MS = 4_000;

/** What is known of an installation before anything is read: `jobs` and `pods` are those of the whole cluster. */
export type ObserveInput = {
  cluster: VirtualCluster;
  wanted: WantedPlugin;
  recorded: PluginInstallationStatus;
  /** UID of the target; absent while it is not known. */
  targetUid: string | undefined;
  server: string;
  /** What charts are told of a cluster that Pinion made. */
  readFacts?: (() => Promise<Facts>) | undefined;
  jobs: Job[];
  pods: Pod[];
};

/** Gathers what the plan of one installation needs. */
export async function observe(
  deps: ObserveDependencies,
  input: ObserveInput,
): Promise<{ observed: Observation; lookAgainMs?: number | undefined }> {
  const { cluster, wanted, recorded } = input;
  const jobs = input.jobs.filter((job) => isJobOf(job, wanted.plugin.metadata));
  const pods = podsOf(input.pods, jobs);
  const content = await contentOf(deps, input);
  const { lookAgainMs, ...obstacle } = await lookForBlockage(deps, jobs, pods);
  const now = deps.now();
  return { observed: { cluster, wanted, content, recorded, jobs, pods, ...obstacle, now }, lookAgainMs };
}

async function contentOf(
  { references, settings, digestKey }: ObserveDependencies,
  { cluster, wanted, targetUid, server, readFacts }: ObserveInput,
): Promise<Observation['content']> {
  try {
    const valuesFrom = await readValuesFrom(references, wanted.plugin);
    const fingerprint = await digestKey.fingerprint();
    const facts = await readFacts?.();
    const target = { uid: targetUid, server };
    const content = resolveContent(cluster, wanted, { target, facts, valuesFrom, settings, fingerprint });
    const wrong = pluginError(wanted.plugin, settings);
    return wrong ? problemOf(wrong) : content;
  } catch (error) {
    if (error instanceof ReasonedError) return problemOf(error);
    // A field of a wrong type, which the CRD's schema can't refuse, must not stop the cluster's other plugins.
    return problemOf(pluginError(wanted.plugin, settings) ?? error);
  }
}

const checked = new WeakMap<VirtualClusterPlugin, Validation>();

/** The webhook's own checks: it may have been away when the plugin was applied. Once for each object that comes. */
function pluginError(plugin: VirtualClusterPlugin, settings: Settings): TerminalError | undefined {
  const { errors } = checked.get(plugin) ?? validatePlugin(plugin, settings);
  checked.set(plugin, { errors, warnings: [] });
  return errors.length > 0 ? new TerminalError('InvalidPlugin', describeProblems(errors)) : undefined;
}

async function readValuesFrom(references: ReferenceReader, { metadata, spec }: VirtualClusterPlugin) {
  const { namespace } = metadata;
  const texts: ValuesText[] = [];
  for (const [i, entry] of (spec.pluginSources.chart?.valuesFrom ?? []).entries()) {
    const field = `spec.pluginSources.chart.valuesFrom[${i}]`;
    const { configMapKeyRef, secretKeyRef } = entry;
    if (secretKeyRef) {
      const { name, key = PLUGIN_DEFAULTS.valuesKey } = secretKeyRef;
      texts.push({ text: await references.secretKey({ namespace, name }, key, field), secret: true });
    } else if (configMapKeyRef) {
      const { name, key = PLUGIN_DEFAULTS.valuesKey } = configMapKeyRef;
      texts.push({ text: await references.configMapKey({ namespace, name }, key, field), secret: false });
    }
  }
  return texts;
}

async function lookForBlockage(
  { events, podSettings, now }: ObserveDependencies,
  jobs: readonly Job[],
  pods: readonly Pod[],
): Promise<Pick<Observation, 'blockage' | 'settingsChanged'> & { lookAgainMs?: number }> {
  const job = jobs.find(
    (one) => one.spec.suspend !== true && !isFinished(one) && !one.metadata.deletionTimestamp,
  );
  if (!job) return {};
  const newest = pods.filter((pod) => isPodOf(pod, job)).at(-1);
  const afterMs = lookAfterMs(job, newest, now());
  if (afterMs === undefined) return {};
  if (afterMs > 0) return { lookAgainMs: afterMs };
  const { namespace, uid } = (newest ?? job).metadata;
  const items = await events.about({ namespace, uid });
  const found = newest ? podBlockage(newest, items) : jobBlockage(items);
  const blockage = found && (podRefusal({ found: found.message, namespace, group: 'executor' }) ?? found);
  const settingsChanged = blockage && (await haveChanged(podSettings, job));
  return { blockage, settingsChanged, lookAgainMs: LOOK_AGAIN_MS };
}

/** Invalid settings change nothing: a Job that is created now reports them. */
async function haveChanged(podSettings: ReadPodSettings, { metadata }: Job): Promise<boolean> {
  try {
    const { executor } = await podSettings();
    return podSettingsHash(executor) !== metadata.annotations?.[ANNOTATION.podSettings];
  } catch (error) {
    if (error instanceof ReasonedError) return false;
    throw error;
  }
}
