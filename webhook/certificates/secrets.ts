import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound } from '#kube/errors.ts';
import { secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';

const ATTEMPTS = 10;

/**
 * Writes the texts that `decide` returns into a Secret. `decide` gets the current texts, and returns undefined to keep them.
 * Safe for concurrent replicas: the first write wins, the others read it.
 * @returns the texts that the Secret has
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
      throw new Error(`no certificate data was prepared for the missing Secret ${name.name}`);
    try {
      const data = dataOf(wanted);
      // With the resourceVersion that was read, a concurrent write is a conflict.
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
