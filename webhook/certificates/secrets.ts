import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound } from '#kube/errors.ts';
import { secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';

const ATTEMPTS = 10;

/**
 * Brings the texts of a Secret to what `decide` returns for the current ones (undefined: no change needed), and returns
 * them. Several replicas may do this at once: the first write wins, the others read it.
 */
export async function keepSecret(
  client: KubeClient,
  name: { namespace: string; name: string },
  decide: (current: Record<string, string> | undefined) => Promise<Record<string, string> | undefined>,
): Promise<Record<string, string>> {
  for (let attempt = 1; ; attempt++) {
    const secret = await ignoreNotFound(client.get(secrets, name));
    const current = secret && textsIn(secret);
    const wanted = await decide(current);
    if (wanted === undefined && current) return current;
    if (wanted === undefined)
      throw new Error(`Secret ${name.name} is missing and no content was decided for it`);
    try {
      const data = dataOf(wanted);
      // The object carries the resourceVersion that was read: a write in between is a conflict.
      if (secret) await client.replace(secrets, { ...secret, data });
      else
        await client.create(secrets, {
          metadata: { ...name, labels: LABELS },
          type: 'kubernetes.io/tls',
          data,
        });
      return wanted;
    } catch (error) {
      const lost = isAlreadyExists(error) || isConflict(error) || isNotFound(error);
      if (!lost || attempt === ATTEMPTS) throw error;
    }
  }
}

const LABELS = { 'app.kubernetes.io/part-of': 'pinion', 'app.kubernetes.io/component': 'webhook' };
