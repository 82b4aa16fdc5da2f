import type { ApplyMethod } from '#api/contract/work-order.ts';
import { asFailure } from '../../failure.ts';
import type { DeployContext, RenderedFor } from '../context.ts';
import { HelmFailure, runHelm } from './helm.ts';
import { hooksToCome, markRevision, type Revision, readHistory, recoveryOf, wasDeployed } from './history.ts';
import { explainHook, failedHook, waitedForWorkloads } from './hooks.ts';
import { removeLeftovers } from './leftovers.ts';
import { learnFrom } from './release-secrets.ts';
import { takeOver } from './take-over.ts';

/** Label of a release's records: how the revision was applied. */
const METHOD_LABEL = 'kosmos.io/apply';

/** How Helm sends objects. */
export type Method = Exclude<ApplyMethod, 'Auto'>;

/** What Helm printed, how it applied the chart, and what its objects are, if they could be read. */
type Installed = { output: string; method: Method; manifest: string | undefined };

/**
 * Runs `helm upgrade --install`, again with what a person would change: client-side apply where the chart asks for `Auto` and
 * only that takes it, and without what an installation that never worked has left in the way.
 * @throws Failure
 */
export async function installRelease(
  context: DeployContext,
  rendered: RenderedFor<'helm'>,
  history: readonly Revision[],
  argsOf: (method: Method, labels: Record<string, string>) => string[],
): Promise<Installed> {
  const { apply = 'Auto', releaseName } = rendered.payload;
  let method = apply === 'Auto' ? lastMethod(history) : apply;
  let replaced = false;
  let manifest: string | undefined;
  const learn = learnFrom(context, releaseName, (seen) => {
    manifest = seen;
  });
  await recover(context, history);
  for (;;) {
    const tried = await tryHelm(context, releaseName, argsOf(method, { [METHOD_LABEL]: method }), learn);
    if (!(tried instanceof HelmFailure)) return { output: tried, method, manifest };
    const now = await readHistory(context.client, context.order.targetNamespace, releaseName);
    const { onlyServerSide, immutable } = tried.error;
    if (apply === 'Auto' && method === 'ServerSide' && onlyServerSide) {
      context.log.note(
        'server-side apply refuses what client-side apply only warns of; applying client-side',
      );
      method = 'ClientSide';
    } else {
      replaced = !replaced && !wasDeployed(now) && (await removeLeftovers(context, releaseName, immutable));
      if (!replaced) throw await explained(context, rendered, tried, now, manifest);
    }
    await recover(context, now);
  }
}

/** @returns what Helm printed, or its failure */
async function tryHelm(
  context: DeployContext,
  release: string,
  args: string[],
  learn: (output: string) => Promise<boolean>,
): Promise<string | HelmFailure> {
  const upgrade = (withArgs: string[]) => runHelm(context, withArgs, learn);
  try {
    return await upgrade(args).catch(async (error) =>
      upgrade(await takeOver(context, release, args, asFailure(error))),
    );
  } catch (error) {
    if (error instanceof HelmFailure) return error;
    throw error;
  }
}

/** A release stays with the method that it needed, so that its hooks do not run twice for each upgrade. */
const lastMethod = (history: readonly Revision[]): Method =>
  history.at(-1)?.labels[METHOD_LABEL] === 'ClientSide' ? 'ClientSide' : 'ServerSide';

async function recover({ client, log, order }: DeployContext, history: readonly Revision[]): Promise<void> {
  const last = history.at(-1);
  const recovery = recoveryOf(history);
  if (!last || !recovery) return;
  log.note(`revision ${last.revision} was left ${last.status}; continuing from it`);
  await markRevision(client, order.targetNamespace, last, recovery);
}

/** The failure with what only the target knows: a hook's last words, the broken pod, the hooks that have not run yet. */
async function explained(
  context: DeployContext,
  { payload }: RenderedFor<'helm'>,
  failure: HelmFailure,
  history: readonly Revision[],
  manifest: string | undefined,
): Promise<HelmFailure> {
  const { client, order } = context;
  const { error } = failure;
  const hook = failedHook(error.text);
  if (hook && error.reason !== 'ApplyFailed') return new HelmFailure(error, await explainHook(context, hook));
  const last = history.at(-1);
  if (!payload.wait || !last || !waitedForWorkloads(error)) return failure;
  const { notReadyInTime, whyNotReady } = await import('../readiness/wait.ts');
  const why = manifest === undefined ? undefined : await whyNotReady(context, manifest);
  const message = why === undefined ? failure.message : notReadyInTime(order, why);
  const hooks = await hooksToCome(client, order.targetNamespace, last);
  if (hooks.length === 0) return new HelmFailure(error, message);
  return new HelmFailure(
    error,
    `${message}. Its post-install hooks (${hooks.join(', ')}) run only when all is ready: if that waits for them, set chart.wait: false`,
  );
}
