import { setTimeout as delay } from 'node:timers/promises';
import { addRenderedSecrets } from '../../log/rendered-secrets.ts';
import { addNamespaceSecrets, namesOf } from '../../target/secrets.ts';
import type { DeployContext } from '../context.ts';
import { readHistory, revisionIn } from './history.ts';
import { readManifests } from './record.ts';

/** Longer than this nothing waits for a target that does not answer: SIGTERM leaves half a minute for all. */
const PATIENCE_MS = 5000;
/** Nothing that a chart has rendered is in an error that says that the target could not be reached. */
const UNREACHABLE = /cluster unreachable|connection refused|i\/o timeout|no such host|no route to host/i;

/**
 * Has the values redacted of every Secret that the newest revision of a release renders. They are read from its record
 * in the target, because a chart may make them up, other ones each time that it is rendered.
 * @param seen gets the manifest of its objects @param revision the newest one, if it is known
 * @returns whether they are known
 */
export async function learnReleaseSecrets(
  context: DeployContext,
  release: string,
  seen: (manifest: string) => void,
  revision?: number,
): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([
      read(context, release, seen, revision),
      delay(PATIENCE_MS, false, { signal: late.signal, ref: false }),
    ]);
  } catch {
    return false;
  } finally {
    late.abort();
  }
}

/** For the output of a command on the release. */
export const learnFrom =
  (context: DeployContext, release: string, seen: (manifest: string) => void) =>
  async (output: string): Promise<boolean> =>
    (await learnReleaseSecrets(context, release, seen, revisionIn(output))) || UNREACHABLE.test(output);

async function read(
  { client, order, redactor }: DeployContext,
  release: string,
  seen: (manifest: string) => void,
  known: number | undefined,
): Promise<boolean> {
  const { targetNamespace } = order;
  const revision = known ?? (await readHistory(client, targetNamespace, release)).at(-1)?.revision;
  if (revision === undefined) return true;
  const manifests = await readManifests(client, targetNamespace, release, revision);
  const open = namesOf(order);
  for (const manifest of manifests) addRenderedSecrets(redactor, manifest, open);
  seen(manifests[0] ?? '');
  await addNamespaceSecrets(client, redactor, order);
  return true;
}
