import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound } from '#kube/errors.ts';
import { secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';

const ATTEMPTS = 10;

/**
 * Keeps the texts of a Secret as `decide` wants them. `decide` gets what is there and gives what should be, or
 * undefined when that is it. Several replicas may do this at once: whoever writes first wins, the others read.
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
    if (wanted === undefined) throw new Error(`nothing was decided for the missing Secret ${name.name}`);
    try {
      const data = dataOf(wanted);
      // The object read carries the resourceVersion: a write in between is a conflict.
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
