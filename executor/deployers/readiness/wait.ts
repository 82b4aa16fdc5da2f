import { setTimeout as delay } from 'node:timers/promises';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { Failure } from '../../failure.ts';
import { failureOf } from '../../target/client.ts';
import { createDiscovery } from '../../target/discovery.ts';
import type { DeployContext } from '../context.ts';
import { shownEntry } from '../manifests/inventory-entry.ts';
import { isTransient } from '../manifests/transient.ts';
import { explain } from './explain.ts';
import { type Group, groupsOf, update } from './groups.ts';
import { waitedFor } from './waited.ts';

/** Before a list is repeated, after a watch that ended or a target that did not answer. */
const PAUSE_MS = 1000;

/**
 * Waits until every object of a release's manifest is ready, as `helm --wait` would: objects that can't be unready are not
 * read, the others are listed by name and then watched. Ends early when what is not ready has failed.
 * @throws Failure `InstallTimeout`, which names what is not ready, its pod and why
 */
export async function waitUntilReady(context: DeployContext, manifest: string): Promise<void> {
  const { client, log, order, remaining } = context;
  const waited = waitedFor(manifest, log.note);
  if (waited.length === 0) return;
  const groups = await groupsOf(waited, createDiscovery(client), order.targetNamespace);
  const states = groups.flatMap((group) => [...group.states.values()]);
  const settled = new AbortController();
  const due = AbortSignal.timeout(Math.max(0, remaining()));
  const stop = AbortSignal.any([settled.signal, due, context.abort]);
  const changed = () => {
    if (states.every(({ readiness }) => readiness.is !== 'InProgress')) settled.abort();
  };
  try {
    await Promise.all(groups.map((group) => follow(context, group, changed, stop)));
  } finally {
    settled.abort();
  }
  const missing = states.filter(({ readiness }) => readiness.is !== 'Ready');
  if (missing.length === 0) return;
  if (context.abort.aborted) {
    throw new Failure('Terminated', `terminated while waiting for ${missing.map(shownEntry).join(', ')}`);
  }
  const why = await explain(client, missing);
  throw new Failure(
    'InstallTimeout',
    due.aborted ? notReadyInTime(order, why) : `not ready, and nothing changes that by itself: ${why}`,
  );
}

/** @param why what is not ready, and the cause */
export const notReadyInTime = ({ timeoutMs }: WorkOrder, why: string) =>
  `not ready within ${Math.round(timeoutMs / 1000)} s: ${why}. Correct the cause, or raise spec.timeout`;

/** What of a release's manifest is not ready now, and why; undefined when all is, or when it can't be read. */
export async function whyNotReady(context: DeployContext, manifest: string): Promise<string | undefined> {
  const { client, order } = context;
  try {
    const waited = waitedFor(manifest, () => undefined);
    const groups = await groupsOf(waited, createDiscovery(client), order.targetNamespace);
    await Promise.all(groups.map((group) => list(context, group)));
    const missing = groups
      .flatMap(({ states }) => [...states.values()])
      .filter(({ readiness }) => readiness.is !== 'Ready');
    return missing.length === 0 ? undefined : await explain(client, missing);
  } catch {
    return undefined;
  }
}

/** Lists and watches one group until all of it is ready or `stop` fires. */
async function follow(
  context: DeployContext,
  group: Group,
  changed: () => void,
  stop: AbortSignal,
): Promise<void> {
  let noted = false;
  for (;;) {
    const version = await list(context, group);
    changed();
    if (stop.aborted || isReady(group)) return;
    if (!noted) context.log.note(`waiting for ${[...group.states.values()].map(shownEntry).join(', ')}`);
    noted = true;
    if (version !== undefined) await watch(context, group, version, changed, stop);
    if (stop.aborted || isReady(group)) return;
    await delay(PAUSE_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

const isReady = ({ states }: Group) =>
  [...states.values()].every(({ readiness }) => readiness.is === 'Ready');

/** @returns the version to watch from; undefined when the target did not answer this time */
async function list({ client }: DeployContext, group: Group): Promise<string | undefined> {
  const answer = await client.request('GET', `${group.path}?${group.selector}`).catch((error: unknown) => {
    if (error instanceof Failure && error.reason === 'TargetUnreachable') return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  if (answer.code !== 200) {
    if (isTransient(answer) || answer.code >= 500) return undefined;
    throw failureOf(answer, `waiting for ${group.kind}`);
  }
  update(group, (answer.body['items'] ?? []) as Record<string, unknown>[]);
  return (answer.body['metadata'] as { resourceVersion?: string } | undefined)?.resourceVersion;
}

async function watch(
  { client }: DeployContext,
  group: Group,
  version: string,
  changed: () => void,
  stop: AbortSignal,
): Promise<void> {
  const ready = new AbortController();
  const query = `${group.selector}&watch=true&resourceVersion=${version}&timeoutSeconds=300`;
  await client.watch(
    `${group.path}?${query}`,
    ({ type, object }) => {
      if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return;
      update(group, [object], type === 'DELETED');
      changed();
      if (isReady(group)) ready.abort();
    },
    AbortSignal.any([stop, ready.signal]),
  );
}
