import { setTimeout as delay } from 'node:timers/promises';
import { addRenderedSecrets } from '../../log/rendered-secrets.ts';
import { failureOf } from '../../target/client.ts';
import { addNamespaceSecrets, namesOf } from '../../target/secrets.ts';
import type { DeployContext } from '../context.ts';
import { readHistory } from './history.ts';
import { manifestsOf } from './record.ts';

/** Longer than this nothing waits for a target that does not answer: SIGTERM leaves half a minute for all. */
const PATIENCE_MS = 5000;
/** Nothing that a chart has rendered is in an error that says that the target could not be reached. */
const UNREACHABLE = /cluster unreachable|connection refused|i\/o timeout|no such host|no route to host/i;

/**
 * Has the values redacted of every Secret that the newest revision of a release renders. They are read from its record
 * in the target, because a chart may make them up, other ones each time that it is rendered.
 * @returns whether they are known
 */
export async function learnReleaseSecrets(context: DeployContext, release: string): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([
      read(context, release),
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
  (context: DeployContext, release: string) =>
  async (output: string): Promise<boolean> =>
    (await learnReleaseSecrets(context, release)) || UNREACHABLE.test(output);

async function read({ client, order, redactor }: DeployContext, release: string): Promise<boolean> {
  const { targetNamespace } = order;
  const last = (await readHistory(client, targetNamespace, release)).at(-1);
  if (last === undefined) return true;
  const answer = await client.request('GET', `/api/v1/namespaces/${targetNamespace}/secrets/${last.secret}`);
  if (answer.code !== 200) throw failureOf(answer, `record ${last.secret} of the release`);
  const { release: record = '' } = answer.body['data'] as { release?: string };
  const open = namesOf(order);
  for (const manifests of await manifestsOf(record)) addRenderedSecrets(redactor, manifests, open);
  await addNamespaceSecrets(client, redactor, order);
  return true;
}
