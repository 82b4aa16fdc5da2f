import { LABEL, labelValue } from '#api/contract/names.ts';
import { failureOf, type TargetClient } from '../../target/client.ts';
import { decodeRecord, encodeRecord } from './record.ts';

/** One revision of a Helm release, as the labels of its Secret tell it. */
export type Revision = { secret: string; revision: number; status: string; labels: Record<string, string> };

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Revisions of a release, oldest first. Asks for metadata only: a record can have a megabyte. */
export async function readHistory(
  client: TargetClient,
  namespace: string,
  release: string,
): Promise<Revision[]> {
  const selector = encodeURIComponent(`owner=helm,name=${release}`);
  const answer = await client.request(
    'GET',
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=${selector}`,
    { accept: METADATA },
  );
  if (answer.code !== 200) throw failureOf(answer, `history of release ${release}`);
  const items = (answer.body['items'] ?? []) as {
    metadata: { name: string; labels?: Record<string, string> };
  }[];
  return items
    .map(({ metadata: { name, labels = {} } }) => ({
      secret: name,
      revision: Number(labels['version']),
      status: labels['status'] ?? 'unknown',
      labels,
    }))
    .sort((a, b) => a.revision - b.revision);
}

/** Labels of a release's records: the Job that made the revision, and its plugin. */
export const JOB_LABEL = 'kosmos.io/executor-job';
const PLUGIN_NAMESPACE_LABEL = 'kosmos.io/plugin-namespace';

/** The labels that name the plugin of a release. */
export const pluginLabels = ({ namespace, name }: { namespace: string; name: string }) => ({
  [LABEL.pluginName]: labelValue(name),
  [PLUGIN_NAMESPACE_LABEL]: namespace,
});

/** The plugin that made a revision, by its labels; earlier releases of Pinion named only the Job. */
export function pluginOfRelease(
  labels: Record<string, string>,
): { name: string; namespace?: string | undefined } | undefined {
  const name = labels[LABEL.pluginName] ?? /^executor-(.+)-[0-9]{10}$/.exec(labels[JOB_LABEL] ?? '')?.[1];
  return name === undefined ? undefined : { name, namespace: labels[PLUGIN_NAMESPACE_LABEL] };
}

/** Label of a record that was never deployed; Helm calls it `superseded` after the next installation. */
const NEVER_DEPLOYED = 'kosmos.io/never-deployed';

/**
 * What to make of a release whose last revision was left unfinished or failed: the status to give that revision
 * so that `helm upgrade --install` does the right thing, or undefined when it does so anyway.
 *
 * - It was deployed before, and an upgrade or rollback was cut off → `failed`: the next upgrade compares with
 *   the last deployed revision.
 * - It was never deployed, or a removal was cut off → `uninstalled`: Helm then installs again, as the next
 *   revision, and takes over the objects that are there by their ownership annotations. As `failed` it would
 *   upgrade instead, and the chart's install hooks would never run.
 *
 * Nothing in the target but that record changes; nothing is uninstalled.
 */
export function recoveryOf(history: readonly Revision[]): 'failed' | 'uninstalled' | undefined {
  switch (history.at(-1)?.status) {
    case 'pending-upgrade':
    case 'pending-rollback':
      return 'failed';
    case 'pending-install':
    case 'uninstalling':
      return 'uninstalled';
    case 'failed':
      return wasDeployed(history) ? undefined : 'uninstalled';
    default:
      return undefined;
  }
}

/** Whether a revision of the release ever worked. */
export const wasDeployed = (history: readonly Revision[]) =>
  history.some(
    ({ status, labels }) =>
      status === 'deployed' || (status === 'superseded' && labels[NEVER_DEPLOYED] !== 'true'),
  );

/**
 * Writes a status into a revision's record. The record's resourceVersion fences it: when its holder is alive
 * after all and finishes first, this fails.
 * @throws Failure `ApplyFailed` on a conflict
 */
export async function markRevision(
  client: TargetClient,
  namespace: string,
  revision: Revision,
  status: 'failed' | 'uninstalled',
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${revision.secret}`;
  const what = `record ${revision.secret} of the release`;
  const answer = await client.request('GET', path);
  if (answer.code !== 200) throw failureOf(answer, what);
  const secret = answer.body as unknown as {
    metadata: { labels: Record<string, string> };
    data: { release: string };
  };
  const record = await decodeRecord(secret.data.release);
  const info = record['info'] as Record<string, unknown>;
  info['status'] = status;
  info['description'] = `Was ${revision.status}: ${info['description']}. Pinion continues from here`;
  secret.metadata.labels['status'] = status;
  if (status === 'uninstalled') secret.metadata.labels[NEVER_DEPLOYED] = 'true';
  secret.data.release = await encodeRecord(record);
  const written = await client.request('PUT', path, { body: JSON.stringify(secret) });
  if (written.code !== 200) throw failureOf(written, what);
}

/** Hooks of a revision that run after its workloads are ready, and have not run yet. Never throws: it is for a hint. */
export async function hooksToCome(
  client: TargetClient,
  namespace: string,
  { secret }: Revision,
): Promise<string[]> {
  try {
    const { body } = await client.request('GET', `/api/v1/namespaces/${namespace}/secrets/${secret}`);
    const record = await decodeRecord((body as { data: { release: string } }).data.release);
    const hooks = (record['hooks'] ?? []) as Hook[];
    const isToCome = ({ events = [], last_run }: Hook) =>
      events.some((event) => /^post-(install|upgrade)$/.test(event)) && !last_run?.phase;
    return hooks.filter(isToCome).map(({ kind, name }) => `${kind} ${name}`);
  } catch {
    return [];
  }
}

type Hook = { name: string; kind: string; events?: string[]; last_run?: { phase?: string } };

/** The revision that helm reports; undefined when it is not in what is kept of the output. */
export function revisionIn(output: string): number | undefined {
  const revision = /^STATUS: .*\nREVISION: ([0-9]+)$/m.exec(output)?.[1];
  return revision === undefined ? undefined : Number(revision);
}
