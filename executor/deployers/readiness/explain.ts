import { newestWarning, type StartingPod, type WarningEvent } from '#api/pod-start.ts';
import type { TargetClient } from '../../target/client.ts';
import { shownEntry } from '../manifests/inventory-entry.ts';
import { type BrokenPod, brokenPod, troubleOf } from './broken-pod.ts';
import type { State } from './groups.ts';
import { type LiveObject, trueCondition } from './readiness.ts';

/** A report has a thousand bytes. */
const EXPLAINED = 3;

/** What is not ready and why, down to the container: read once, when the waiting is over. Never throws. */
export async function explain(client: TargetClient, states: readonly State[]): Promise<string> {
  // What failed explains what waits for it.
  const order = states.toSorted(
    (a, b) => Number(b.readiness.is === 'Failed') - Number(a.readiness.is === 'Failed'),
  );
  const said = await Promise.all(order.slice(0, EXPLAINED).map((state) => explainOne(client, state)));
  const more = states.length - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

async function explainOne(client: TargetClient, state: State): Promise<string> {
  const cause = await causeOf(client, state).catch(() => undefined);
  return `${shownEntry(state)}: ${[state.readiness.message, cause].filter(Boolean).join('; ')}`;
}

async function causeOf(client: TargetClient, { kind, namespace, live }: State): Promise<string | undefined> {
  if (!live || !namespace) return undefined;
  const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const newest = async ({ metadata }: { metadata: { uid?: string } }) => {
    const selector = encodeURIComponent(`involvedObject.uid=${metadata.uid}`);
    const events = await items<WarningEvent>(client, `${core}/events?limit=50&fieldSelector=${selector}`);
    // Why a claim is not bound is no warning.
    const event =
      newestWarning(events) ?? newestWarning(kind === 'PersistentVolumeClaim' ? events.map(asWarning) : []);
    return event && oneLine(`${event.reason}: ${event.message}`);
  };
  const ofPod = async (pod: BrokenPod) => {
    const trouble = troubleOf(pod) ?? (await newest(pod)) ?? 'it is not Ready';
    return oneLine(kind === 'Pod' ? trouble : `pod ${pod.metadata.name}: ${trouble}`);
  };
  if (kind === 'Pod') return ofPod(live as StartingPod & BrokenPod);
  const selector = selectorOf(live);
  const pods = selector
    ? await items<BrokenPod>(client, `${core}/pods?limit=100&labelSelector=${encodeURIComponent(selector)}`)
    : [];
  const pod = brokenPod(pods);
  if (pod) return ofPod(pod);
  const failure = trueCondition(live, 'ReplicaFailure');
  return failure?.message ? oneLine(failure.message) : newest(live);
}

async function items<T>(client: TargetClient, path: string): Promise<T[]> {
  return ((await client.request('GET', path)).body['items'] ?? []) as T[];
}

/** The selector of what makes pods, as a query; undefined for all else. */
export function selectorOf({ kind, spec }: LiveObject): string | undefined {
  const selector = spec?.['selector'];
  if (selector === null || typeof selector !== 'object' || !MAKES_PODS.has(kind)) return undefined;
  const { matchLabels, matchExpressions = [] } = (
    kind === 'ReplicationController' ? { matchLabels: selector } : selector
  ) as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    }),
  ].join(',');
}

const MAKES_PODS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
]);

const asWarning = (event: WarningEvent) => ({ ...event, type: 'Warning' });

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 300);
