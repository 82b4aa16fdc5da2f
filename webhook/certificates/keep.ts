import type { Pair } from '#kube/certificates/issue.ts';
import { bundleWith, isDue, isSound, isTrusted, lifeOf } from '#kube/certificates/judge.ts';
import type { KubeClient } from '#kube/client.ts';
import { issueCa, issueLeaf } from './issue.ts';
import { keepSecret } from './secrets.ts';

const CA_SECRET = 'pinion-webhook-ca';
const LEAF_SECRET = 'pinion-webhook-tls';
const [CERT, KEY, BUNDLE] = ['tls.crt', 'tls.key', 'ca.crt'] as const;

/** The serving certificate of a replica, and the CAs that its callers must trust. */
export type Serving = { leaf: Pair; bundle: string; caUntil: number; leafUntil: number };

type Options = { client: KubeClient; namespace: string; dnsNames: readonly string[]; now: number };

/** The CA to sign with and the bundle of all valid CAs; created or renewed when due. */
export async function keepCa({ client, namespace, now }: Options): Promise<{ ca: Pair; bundle: string }> {
  const texts = await keepSecret(client, { namespace, name: CA_SECRET }, async (current) => {
    const old = current && pairOf(current);
    const bundle = current?.[BUNDLE] ?? '';
    const keeps = old !== undefined && isSound(old) && !isDue(old.cert, now);
    const ca = keeps ? old : await issueCa(now);
    const trusted = bundleWith(ca.cert, `${old && isSound(old) ? old.cert : ''}${bundle}`, now);
    if (keeps && trusted === bundle) return undefined;
    return { [CERT]: ca.cert, [KEY]: ca.key, [BUNDLE]: trusted };
  });
  return { ca: pairOf(texts), bundle: texts[BUNDLE] ?? '' };
}

/**
 * The serving certificate. When the CA changes, the old leaf is used until it expires: by then every API server knows the
 * new CA, and until then the old CA stays in the bundle.
 */
export async function keepLeaf(
  { client, namespace, dnsNames, now }: Options,
  { ca, bundle }: { ca: Pair; bundle: string },
): Promise<Serving> {
  const texts = await keepSecret(client, { namespace, name: LEAF_SECRET }, async (current) => {
    const old = current && pairOf(current);
    if (old && isSound(old) && !isDue(old.cert, now) && isTrusted(old.cert, bundle, dnsNames)) {
      return undefined;
    }
    const leaf = await issueLeaf(ca, dnsNames, now);
    return { [CERT]: leaf.cert, [KEY]: leaf.key };
  });
  const leaf = pairOf(texts);
  return { leaf, bundle, caUntil: lifeOf(ca.cert).until, leafUntil: lifeOf(leaf.cert).until };
}

const pairOf = (texts: Record<string, string>): Pair => ({ cert: texts[CERT] ?? '', key: texts[KEY] ?? '' });
