import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { issueAuthority, type Pair } from '#kube/certificates/issue.ts';
import { bundleWith, isDue, isSound, lifeOf } from '#kube/certificates/judge.ts';
import { AUTHORITIES, type AuthorityName } from './certificates.ts';

/** A CA: the newest, and the one before it while somebody may still not know the newest. */
export type Authority = { newest: Pair; previous?: Pair | undefined; bundle: string };
export type Pki = Record<AuthorityName, Authority> & { accounts: { publicKey: string; privateKey: string } };
export type Texts = Record<string, string>;

const CA_LIVES = 10;
/** Part of a leaf's life in which a new CA is only made known: every program has it before it meets a leaf of it. */
const MAKING_KNOWN = 1 / 10;

const newKey = promisify(generateKeyPair);

/** The CA that signs now: a new one not before it is known everywhere. */
export function signerOf({ newest, previous }: Authority, now: number, lifetimeMs: number): Pair {
  if (!previous) return newest;
  const isKnown = now >= knownAt(newest, lifetimeMs);
  return isKnown || lifeOf(previous.cert).until < now + lifetimeMs ? newest : previous;
}

/**
 * The CA that signs servers: nodes know only that of the day they joined, so it does for as long as what it signs can
 * live a whole life.
 */
export function serverSignerOf(authority: Authority, now: number, lifetimeMs: number): Pair {
  const { previous } = authority;
  const mayGoOn = previous && lifeOf(previous.cert).until - lifetimeMs > now;
  return mayGoOn ? previous : signerOf(authority, now, lifetimeMs);
}

/** A certificate begins an hour before it is made, or a tenth of its life: what `issueAuthority` allows for clocks. */
const knownAt = ({ cert }: Pair, lifetimeMs: number) => {
  const { from, until } = lifeOf(cert);
  return from + Math.min(3_600_000, (until - from) / 11) + lifetimeMs * MAKING_KNOWN;
};

/** Three CAs and the key of service account tokens, from the texts of their Secret; what is missing or due is made. */
export async function keepPki(
  texts: Texts,
  { now, lifetimeMs }: { now: number; lifetimeMs: number },
): Promise<{ pki: Pki; texts: Texts }> {
  const [accounts, ...authorities] = await Promise.all([
    keepAccounts(texts),
    ...AUTHORITIES.map((name) => keepAuthority(name, texts, { now, lifetimeMs })),
  ]);
  const named = Object.fromEntries(AUTHORITIES.map((name, i) => [name, authorities[i]]));
  const pki = { ...named, accounts } as Pki;
  return { pki, texts: textsOf(pki) };
}

function textsOf(pki: Pki): Texts {
  const texts: Texts = { 'sa.key': pki.accounts.privateKey, 'sa.pub': pki.accounts.publicKey };
  for (const name of AUTHORITIES) {
    const { newest, previous, bundle } = pki[name];
    Object.assign(texts, { [`${name}.crt`]: newest.cert, [`${name}.key`]: newest.key });
    if (previous)
      Object.assign(texts, { [`${name}-old.crt`]: previous.cert, [`${name}-old.key`]: previous.key });
    texts[`${name}-bundle.crt`] = bundle;
  }
  return texts;
}

async function keepAuthority(
  name: AuthorityName,
  texts: Texts,
  { now, lifetimeMs }: { now: number; lifetimeMs: number },
): Promise<Authority> {
  const current = pairIn(texts, name);
  const old = pairIn(texts, `${name}-old`);
  const bundle = texts[`${name}-bundle.crt`] ?? '';
  const alive = (pair: Pair | undefined) => pair && lifeOf(pair.cert).until > now && pair;
  if (current && !isDue(current.cert, now)) {
    return {
      newest: current,
      previous: alive(old) || undefined,
      bundle: bundleWith(current.cert, bundle, now),
    };
  }
  // The time in the name: a verifier that goes by names takes the right one of two.
  const commonName = `pinion-${name}-${Math.round(now / 1000).toString(36)}`;
  const newest = await issueAuthority(commonName, { now, lifeMs: lifetimeMs * CA_LIVES });
  return { newest, previous: alive(current) || undefined, bundle: bundleWith(newest.cert, bundle, now) };
}

/** They sign tokens for as long as the cluster lives: a new key would make every token of every pod bad. */
async function keepAccounts(texts: Texts): Promise<Pki['accounts']> {
  const [privateKey, publicKey] = [texts['sa.key'], texts['sa.pub']];
  if (privateKey && publicKey) return { privateKey, publicKey };
  const pair = await newKey('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: pair.privateKey, publicKey: pair.publicKey };
}

/** The pair under this name, if there is one and it is sound. */
export function pairIn(texts: Texts, name: string): Pair | undefined {
  const pair = { cert: texts[`${name}.crt`] ?? '', key: texts[`${name}.key`] ?? '' };
  return isSound(pair) ? pair : undefined;
}
