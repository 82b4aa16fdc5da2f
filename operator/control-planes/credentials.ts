import { issueCertificate, type Pair } from '#kube/certificates/issue.ts';
import { dueAt, isDue, isTrusted, lifeOf } from '#kube/certificates/judge.ts';
import { type Ca, type Pki, pairIn, serverSignerOf, signerOf, type Texts } from './cas.ts';
import { CAS, type WantedCertificate } from './certificates.ts';
import type { Names } from './names.ts';

/** Texts of the Secrets that pods mount, by the key of their names in `Names`. */
export type CredentialTexts = Partial<Record<keyof Names, Texts>>;

type Life = { now: number; lifetimeMs: number };

/** Why a certificate is renewed; undefined when it is still good. */
export function whyRenew(
  pair: Pair | undefined,
  { required, leaf }: Pick<WantedCertificate, 'required' | 'leaf'>,
  { bundle, now, lifetimeMs }: Life & { bundle: string },
): 'Missing' | 'Due' | 'LivesTooLong' | 'NotTrusted' | undefined {
  if (!pair) return 'Missing';
  if (isDue(pair.cert, now)) return 'Due';
  if (lifeOf(pair.cert).until > now + lifetimeMs * 1.01) return 'LivesTooLong';
  // Nothing verifies the names of a client certificate.
  const names = leaf.usages.includes('server') ? required : [];
  return isTrusted(pair.cert, bundle, names) ? undefined : 'NotTrusted';
}

/** The texts of all Secrets: certificates that are still good stay, the others are issued side by side. */
export async function ensureCredentials(
  current: CredentialTexts,
  wanted: readonly WantedCertificate[],
  pki: Pki,
  life: Life,
): Promise<CredentialTexts> {
  const texts: CredentialTexts = {};
  const add = (secret: keyof Names, more: Texts) => {
    texts[secret] = { ...texts[secret], ...more };
  };
  const pairs = await Promise.all(
    wanted.map((certificate) =>
      ensureCertificate(
        pairIn(current[certificate.secret] ?? {}, certificate.name),
        certificate,
        pki[certificate.ca],
        life,
      ),
    ),
  );
  wanted.forEach(({ secret, name }, i) => {
    const { cert = '', key = '' } = pairs[i] ?? {};
    add(secret, { [`${name}.crt`]: cert, [`${name}.key`]: key });
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
  // The controller manager signs the kubelets' requests and issues service account tokens.
  add('controllerManagerTls', {
    'signer.crt': signer.cert,
    'signer.key': signer.key,
    'sa.key': pki.accounts.privateKey,
  });
  return texts;
}

async function ensureCertificate(
  old: Pair | undefined,
  wanted: WantedCertificate,
  ca: Ca,
  { now, lifetimeMs }: Life,
): Promise<Pair> {
  if (old && whyRenew(old, wanted, { bundle: ca.bundle, now, lifetimeMs }) === undefined) return old;
  const choose = wanted.leaf.usages.includes('server') ? serverSignerOf : signerOf;
  const signer = choose(ca, now, lifetimeMs);
  const lifeMs = Math.min(lifetimeMs, lifeOf(signer.cert).until - now);
  return issueCertificate(signer, wanted.leaf, { now, lifeMs });
}

/** When the next certificate is due for renewal, in milliseconds since the epoch. */
export function nextDue(pki: Pki, texts: CredentialTexts): number {
  const cas = CAS.map((name) => pki[name].newest.cert);
  const leaves = Object.values(texts).flatMap((secret) =>
    Object.entries(secret).flatMap(([name, text]) =>
      // The signer is a CA. One that is being replaced stays overdue until the new CA is distributed.
      secret[name.replace(/crt$/, 'key')] && /\.crt$/.test(name) && name !== 'signer.crt' ? [text] : [],
    ),
  );
  return Math.min(...[...cas, ...leaves].map(dueAt));
}
