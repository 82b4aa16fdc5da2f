import { issueCertificate, type Pair } from '#kube/certificates/issue.ts';
import { dueAt, isDue, isTrusted, lifeOf } from '#kube/certificates/judge.ts';
import { type Authority, type Pki, pairIn, serverSignerOf, signerOf, type Texts } from './cas.ts';
import { AUTHORITIES, type WantedLeaf } from './certificates.ts';
import type { Names } from './names.ts';

/** Texts of the Secrets that pods mount, by the key of their names. */
export type CredentialTexts = Partial<Record<keyof Names, Texts>>;

type Life = { now: number; lifetimeMs: number };

/** Why a leaf is made anew; undefined when it may stay. */
export function whyRenew(
  pair: Pair | undefined,
  { required, leaf }: Pick<WantedLeaf, 'required' | 'leaf'>,
  { bundle, now, lifetimeMs }: Life & { bundle: string },
): 'Missing' | 'Due' | 'LivesTooLong' | 'NotTrusted' | undefined {
  if (!pair) return 'Missing';
  if (isDue(pair.cert, now)) return 'Due';
  if (lifeOf(pair.cert).until > now + lifetimeMs * 1.01) return 'LivesTooLong';
  // A client's names are nobody's concern.
  const names = leaf.usages.includes('server') ? required : [];
  return isTrusted(pair.cert, bundle, names) ? undefined : 'NotTrusted';
}

/** The texts of all Secrets: leaves that are good stay, the others are made, all at once. */
export async function keepCredentials(
  current: CredentialTexts,
  wanted: readonly WantedLeaf[],
  pki: Pki,
  life: Life,
): Promise<CredentialTexts> {
  const texts: CredentialTexts = {};
  const add = (secret: keyof Names, more: Texts) => {
    texts[secret] = { ...texts[secret], ...more };
  };
  const pairs = await Promise.all(
    wanted.map((one) => keepLeaf(pairIn(current[one.secret] ?? {}, one.name), one, pki[one.authority], life)),
  );
  wanted.forEach((one, i) => {
    const { cert = '', key = '' } = pairs[i] ?? {};
    add(one.secret, { [`${one.name}.crt`]: cert, [`${one.name}.key`]: key });
  });
  for (const secret of [
    'apiServerTls',
    'konnectivityTls',
    'controllerManagerTls',
    'schedulerTls',
    'operatorTls',
  ] as const) {
    add(secret, { 'ca.crt': pki.ca.bundle });
  }
  add('etcdTls', { 'etcd-ca.crt': pki['etcd-ca'].bundle });
  add('apiServerTls', {
    'etcd-ca.crt': pki['etcd-ca'].bundle,
    'front-proxy-ca.crt': pki['front-proxy-ca'].bundle,
    'sa.key': pki.accounts.privateKey,
    'sa.pub': pki.accounts.publicKey,
  });
  const signer = signerOf(pki.ca, life.now, life.lifetimeMs);
  // It signs the kubelets' requests, and makes the tokens of service accounts.
  add('controllerManagerTls', {
    'signer.crt': signer.cert,
    'signer.key': signer.key,
    'sa.key': pki.accounts.privateKey,
  });
  return texts;
}

async function keepLeaf(
  old: Pair | undefined,
  wanted: WantedLeaf,
  authority: Authority,
  { now, lifetimeMs }: Life,
): Promise<Pair> {
  if (old && whyRenew(old, wanted, { bundle: authority.bundle, now, lifetimeMs }) === undefined) return old;
  const choose = wanted.leaf.usages.includes('server') ? serverSignerOf : signerOf;
  const signer = choose(authority, now, lifetimeMs);
  const lifeMs = Math.min(lifetimeMs, lifeOf(signer.cert).until - now);
  return issueCertificate(signer, wanted.leaf, { now, lifeMs });
}

/** When the next certificate is to be renewed, in milliseconds. */
export function nextDue(pki: Pki, texts: CredentialTexts): number {
  const cas = AUTHORITIES.map((name) => pki[name].newest.cert);
  const leaves = Object.values(texts).flatMap((of) =>
    Object.entries(of).flatMap(([name, text]) =>
      // The signer is a CA; one that is about to be replaced is overdue until the new one is known.
      of[name.replace(/crt$/, 'key')] && /\.crt$/.test(name) && name !== 'signer.crt' ? [text] : [],
    ),
  );
  return Math.min(...[...cas, ...leaves].map(dueAt));
}
