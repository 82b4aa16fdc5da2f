import { asFailure } from '../../failure.ts';
import { valuesArgs } from '../../render/values.ts';
import type { DeployContext, Deployed, RenderedFor } from '../context.ts';
import { createMissingDefinitions } from './definitions.ts';
import { JOB_LABEL, markRevision, pluginLabels, readHistory, revisionIn, wasDeployed } from './history.ts';
import { mayHaveInstallHooks } from './install-hooks.ts';
import { installRelease, type Method } from './install-release.ts';
import { readManifests, recordName } from './record.ts';
import { explainRecordSize } from './record-size.ts';
import { explainOptions } from './refused-options.ts';
import { learnReleaseSecrets } from './release-secrets.ts';

/** `helm upgrade --install` of a chart that is on this machine in full. @throws Failure */
export async function deployChart(context: DeployContext, rendered: RenderedFor<'helm'>): Promise<Deployed> {
  const { config, client } = context;
  const { order } = context;
  const { targetNamespace } = order;
  const { chart, payload } = rendered;
  const release = payload.releaseName;
  const title = `release ${release} (${chart.name} ${chart.version})`;

  const history = await readHistory(client, targetNamespace, release);
  const last = history.at(-1);
  const job = order.job ?? jobOf(config.identity);
  if (last?.status === 'deployed' && job && last.labels[JOB_LABEL] === job) {
    const { revision } = last;
    let manifest: string | undefined;
    await learnReleaseSecrets(context, release, (seen) => (manifest = seen), revision);
    // That pod may have ended before all was ready.
    await waitFor(context, rendered, revision, manifest);
    const summary = `${title} revision ${revision} is from an earlier pod of this Job`;
    return { summary, revision, chartVersion: chart.version };
  }
  if (wasDeployed(history)) await createMissingDefinitions(context, rendered);
  else context.markFirst();
  const helmWaits = payload.wait && (await mayHaveInstallHooks(chart.directory, rendered.values));
  const argsOf = (by: Method, labels: Record<string, string>) =>
    upgradeArgs(context, rendered, helmWaits, by, { ...labels, ...(job ? { [JOB_LABEL]: job } : {}) });
  const installed = await installRelease(context, rendered, history, argsOf).catch(async (error) => {
    const failure = await explainRecordSize(asFailure(error), chart.directory);
    throw explainOptions(failure, Object.keys(context.order.options));
  });
  const { output, method, manifest } = installed;
  const revision =
    revisionIn(output) ?? (await readHistory(client, targetNamespace, release)).at(-1)?.revision;
  if (!helmWaits && revision !== undefined) await waitFor(context, rendered, revision, manifest);
  return {
    summary: `${title} installed${method === 'ClientSide' ? ' with client-side apply' : ''}, revision ${revision}`,
    ...(revision === undefined ? {} : { revision }),
    chartVersion: chart.version,
  };
}

/**
 * The release is deployed by now: SIGTERM may end this, and the next pod goes on waiting. What is not ready in time is failed in
 * the release's record too, as it is after helm has waited.
 */
async function waitFor(
  context: DeployContext,
  { payload }: RenderedFor<'helm'>,
  revision: number,
  manifest: string | undefined,
): Promise<void> {
  if (!payload.wait) return;
  const { client, order, endGrace } = context;
  const { targetNamespace } = order;
  endGrace();
  const { waitUntilReady } = await import('../readiness/wait.ts');
  const applied =
    manifest ?? (await readManifests(client, targetNamespace, payload.releaseName, revision))[0];
  try {
    await waitUntilReady(context, applied ?? '');
  } catch (error) {
    if (asFailure(error).reason !== 'InstallTimeout') throw error;
    const secret = recordName(payload.releaseName, revision);
    const record = { secret, revision, status: 'deployed', labels: {} };
    await markRevision(client, targetNamespace, record, 'failed').catch(() => undefined);
    throw error;
  }
}

function upgradeArgs(
  { order, remaining }: DeployContext,
  { chart, values, payload }: RenderedFor<'helm'>,
  helmWaits: boolean,
  method: Method,
  labels: Record<string, string>,
): string[] {
  return [
    'upgrade',
    '--install',
    '--namespace',
    order.targetNamespace,
    // auto would go on with the method of a release that another tool began; "true" is right for both. What the author
    // declares is applied, as it is with manifests; a field that something else set is taken over.
    ...(method === 'ServerSide' ? ['--server-side=true', '--force-conflicts'] : ['--server-side=false']),
    // Without values Helm would go on with those of the last revision.
    '--reset-values',
    // Notes tell a person how to log in, often with the password; nobody reads them here.
    '--hide-notes',
    // The server validates what it is sent (Helm asks for strict); the flag saves downloading and parsing all schemas.
    '--disable-openapi-validation',
    '--history-max=10',
    // Without hooks the executor waits, which takes fewer requests and says which pod is broken.
    ...(helmWaits ? ['--wait=watcher'] : []),
    `--timeout=${Math.max(1, Math.ceil(remaining() / 1000))}s`,
    '--labels',
    Object.entries({ ...pluginLabels(order.plugin), ...labels })
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    ...valuesArgs(values),
    '--',
    payload.releaseName,
    chart.directory,
  ];
}

/** The Job of a pod: the pod's name without the five characters that the job controller adds. */
const jobOf = (identity: string) => /^(executor-.+-[0-9]{10})-[a-z0-9]{5}$/.exec(identity)?.[1];
