import { ReasonedError, TerminalError } from '#api/errors.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import type { Target } from '#api/kubeconfig.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import { problemOf } from '#api/problem.ts';
import type { Settings } from '#api/settings.ts';
import { describeProblems, type Validation, validatePlugin } from '#api/validation/index.ts';
import { type Blockage, jobBlockage, lookAfterMs, podBlockage } from '#kube/pod-start.ts';
import type { Facts } from '#operator/access/facts.ts';
import { createdAt, isFinished, isJobOf, isPodOf } from '#operator/executor-jobs/jobs.ts';
import type { DigestKey } from '#operator/host/digest-key.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import type { Job, Pod } from '#operator/host/objects.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { resolveContent, type ValuesText } from './desired.ts';
import type { PluginObservation } from './observation.ts';

export type ObserveDependencies = {
  events: EventReader;
  references: ReferenceReader;
  digestKey: Pick<DigestKey, 'fingerprint'>;
  settings: Settings;
  now: () => number;
};

/** While a pod is kept from starting, how often the reason is looked up again. */
const LOOK_AGAIN_MS = 4_000;

export type ObservedPlugin = { observation: PluginObservation; lookAgainMs?: number | undefined };

/** A cluster that can be reached, and what charts are told of it: nothing, when Pinion did not make it. */
type Reachable = { cluster: VirtualCluster; target: Target; readFacts?: (() => Promise<Facts>) | undefined };

/** Gathers what the plan of one plugin needs. `jobs` and `pods` are those of the whole cluster. */
export async function observePlugin(
  deps: ObserveDependencies,
  of: Reachable & { wanted: WantedPlugin; jobs: Job[]; pods: Pod[] },
): Promise<ObservedPlugin> {
  const { cluster, wanted } = of;
  const { name } = wanted.plugin.metadata;
  const jobs = of.jobs.filter((job) => isJobOf(job, wanted.plugin));
  const pods = of.pods
    .filter((pod) => jobs.some((job) => isPodOf(pod, job)))
    .sort((a, b) => createdAt(a) - createdAt(b));
  const content = await contentOf(deps, of, wanted);
  const recorded = cluster.status?.plugins?.find((one) => one.name === name);
  const observation: PluginObservation = { cluster, wanted, content, recorded, jobs, pods };
  const { blockage, lookAgainMs } = await lookForBlockage(deps, jobs, pods);
  return { observation: { ...observation, blockage }, lookAgainMs };
}

async function contentOf(
  { references, settings, digestKey }: ObserveDependencies,
  { cluster, target, readFacts }: Reachable,
  wanted: WantedPlugin,
): Promise<PluginObservation['content']> {
  try {
    const valuesFrom = await readValuesFrom(references, wanted.plugin);
    const fingerprint = await digestKey.fingerprint();
    const { server } = target;
    const facts = await readFacts?.();
    const content = resolveContent(cluster, wanted, { server, facts, valuesFrom, settings, fingerprint });
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
  { events, now }: ObserveDependencies,
  jobs: readonly Job[],
  pods: readonly Pod[],
): Promise<{ blockage?: Blockage | undefined; lookAgainMs?: number | undefined }> {
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
  return { blockage: newest ? podBlockage(newest, items) : jobBlockage(items), lookAgainMs: LOOK_AGAIN_MS };
}
