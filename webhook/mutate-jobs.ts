import { z } from 'zod';
import { EXECUTOR_CONTAINER } from '#api/contract/job.ts';
import { ANNOTATION, EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { locateSources } from '#api/payloads/locate-sources.ts';
import type { Settings } from '#api/settings.ts';

import type { Clock } from '#kube/clock.ts';
import type { AdmissionRequest, Reviewer, Verdict } from './admission/review.ts';
import { within } from './deadline.ts';
import type { Job } from './job.ts';
import { injectSources } from './mutations/index.ts';
import type { PluginReader } from './plugin-reader.ts';

/** Below the 5 s that the API server waits for an answer. */
const LIVE_READ_MS = 3_000;

const executorJob = z.looseObject({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }),
    }),
  }),
});

export type JobReviewOptions = {
  plugins: PluginReader;
  settings: Settings;
  /** The only user whose Jobs get their sources injected. */
  operatorAccount: string;
  clock: Clock;
};

/** Reviews the creation of executor Jobs: injects the sources of the plugin that the Job names. */
export function jobReviewer(options: JobReviewOptions): Reviewer {
  return async (request) => {
    try {
      return await review(request, options);
    } catch (error) {
      if (error instanceof ReasonedError) return refused(error.reason, error.message);
      throw error;
    }
  };
}

async function review(request: AdmissionRequest, options: JobReviewOptions): Promise<Verdict> {
  const parsed = executorJob.safeParse(request.object);
  if (!parsed.success) return refused('Invalid', 'the object is not a Job with a pod template');
  const { labels = {}, annotations = {} } = parsed.data.metadata;
  // The webhook's configuration selects executor Jobs; all others pass.
  if (request.operation !== 'CREATE' || labels[LABEL.component] !== EXECUTOR_COMPONENT) {
    return { allowed: true };
  }
  const user = request.userInfo?.username ?? '';
  if (user !== options.operatorAccount) {
    return refused(
      'Forbidden',
      `Jobs labelled ${LABEL.component}=${EXECUTOR_COMPONENT} may be created by ${options.operatorAccount} only, not by "${user}"; remove the label`,
    );
  }
  const job = request.object as Job;
  if (!job.spec.template.spec.containers.some(({ name }) => name === EXECUTOR_CONTAINER)) {
    return refused(
      'Invalid',
      `the Job has no container named ${EXECUTOR_CONTAINER}; executor Jobs are created by the operator`,
    );
  }
  const plugin = await findPlugin(request.namespace ?? '', annotations, options);
  const locations = locateSources(plugin.spec, options.settings);
  return { allowed: true, object: injectSources(job, { plugin, locations, settings: options.settings }) };
}

/** The plugin of a Job. @throws ReasonedError that says why its sources can't be injected, and whether a retry helps. */
async function findPlugin(
  namespace: string,
  annotations: Record<string, string>,
  { plugins, clock }: JobReviewOptions,
): Promise<VirtualClusterPlugin> {
  const [name, uid, generation] = [ANNOTATION.plugin, ANNOTATION.pluginUid, ANNOTATION.pluginGeneration].map(
    (key) => {
      const value = annotations[key];
      if (value) return value;
      throw new ReasonedError(
        'Invalid',
        `the Job lacks the annotation ${key}; executor Jobs are created by the operator`,
      );
    },
  ) as [string, string, string];
  const isCurrent = (plugin: VirtualClusterPlugin | undefined) =>
    plugin?.metadata.uid === uid && (plugin.metadata.generation ?? 0) >= Number(generation);
  const cached = plugins.get(namespace, name);
  const plugin = isCurrent(cached)
    ? cached
    : await within(clock, LIVE_READ_MS, `reading ${namespace}/${name}`, plugins.getLive(namespace, name));
  if (!plugin) {
    throw new ReasonedError(
      'PluginNotFound',
      `no VirtualClusterPlugin ${namespace}/${name}: it was deleted in the meantime`,
    );
  }
  if (plugin.metadata.uid !== uid) {
    throw new ReasonedError(
      'PluginReplaced',
      `VirtualClusterPlugin ${namespace}/${name} was deleted and recreated in the meantime; the operator creates a new Job for it`,
    );
  }
  if (!isCurrent(plugin)) {
    throw new ReasonedError(
      'PluginTooOld',
      `VirtualClusterPlugin ${namespace}/${name} is at generation ${plugin.metadata.generation}, the Job needs ${generation}; retry`,
    );
  }
  return plugin;
}

const refused = (reason: string, message: string): Verdict => ({ allowed: false, reason, message });
