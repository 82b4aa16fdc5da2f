import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { issueAuthority, type Pair } from '#kube/certificates/issue.ts';
import { bundleWith, isDue, isSound, lifeOf } from '#kube/certificates/judge.ts';
import { CAS, type CaName } from './certificates.ts';

/** A CA: the newest pair, and the previous one until every program trusts the newest. */
export type Ca = { newest: Pair; previous?: Pair | undefined; bundle: string };
export type Pki = Record<CaName, Ca> & { accounts: { publicKey: string; privateKey: string } };
export type Texts = Record<string, string>;

/** A CA lives this many times as long as a leaf certificate. */
const CA_LIVES = 10;
/** The part of a leaf's life in which a new CA is distributed before it signs anything. */
const DISTRIBUTION = 1 / 10;

const newKey = promisify(generateKeyPair);

/** The pair that signs client certificates now. A new CA signs only once every program trusts it. */
export function signerOf({ newest, previous }: Ca, now: number, lifetimeMs: number): Pair {
  if (!previous) return newest;
  const isTrusted = now >= trustedFrom(newest, lifetimeMs);
  return isTrusted || lifeOf(previous.cert).until < now + lifetimeMs ? newest : previous;
}

/**
 * The pair that signs server certificates now. Nodes trust only the CA of the day they joined, so the previous pair
 * signs for as long as a certificate that it signs can live a whole life.
 */
export function serverSignerOf(ca: Ca, now: number, lifetimeMs: number): Pair {
  const { previous } = ca;
  const canStillSign = previous && lifeOf(previous.cert).until - lifetimeMs > now;
  return canStillSign ? previous : signerOf(ca, now, lifetimeMs);
}

/** `issueAuthority` backdates a certificate by an hour, or by a tenth of its life, to allow for clock skew. */
const trustedFrom = ({ cert }: Pair, lifetimeMs: number) => {
  const { from, until } = lifeOf(cert);
  return from + Math.min(3_600_000, (until - from) / 11) + lifetimeMs * DISTRIBUTION;
};

/**
 * Reads three CAs and the key pair of service account tokens from the texts of their Secret, and creates or renews
 * what is missing or due.
 * @returns the PKI, and the texts to store
 */
export async function ensurePki(
  texts: Texts,
  { now, lifetimeMs }: { now: number; lifetimeMs: number },
): Promise<{ pki: Pki; texts: Texts }> {
  const [accounts, ...cas] = await Promise.all([
    ensureAccountKeys(texts),
    ...CAS.map((name) => ensureCa(name, texts, { now, lifetimeMs })),
  ]);
  const named = Object.fromEntries(CAS.map((name, i) => [name, cas[i]]));
  const pki = { ...named, accounts } as Pki;
  return { pki, texts: textsOf(pki) };
}

function textsOf(pki: Pki): Texts {
  const texts: Texts = { 'sa.key': pki.accounts.privateKey, 'sa.pub': pki.accounts.publicKey };
  for (const name of CAS) {
    const { newest, previous, bundle } = pki[name];
    Object.assign(texts, { [`${name}.crt`]: newest.cert, [`${name}.key`]: newest.key });
    if (previous)
      Object.assign(texts, { [`${name}-old.crt`]: previous.cert, [`${name}-old.key`]: previous.key });
    texts[`${name}-bundle.crt`] = bundle;
  }
  return texts;
}

async function ensureCa(
  name: CaName,
  texts: Texts,
  { now, lifetimeMs }: { now: number; lifetimeMs: number },
): Promise<Ca> {
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
  // The time makes the name unique: a verifier that selects a CA by name selects the right one of two.
  const commonName = `pinion-${name}-${Math.round(now / 1000).toString(36)}`;
  const newest = await issueAuthority(commonName, { now, lifeMs: lifetimeMs * CA_LIVES });
  return { newest, previous: alive(current) || undefined, bundle: bundleWith(newest.cert, bundle, now) };
}

/** The key pair is never renewed: a new one would invalidate the token of every pod. */
async function ensureAccountKeys(texts: Texts): Promise<Pki['accounts']> {
  const [privateKey, publicKey] = [texts['sa.key'], texts['sa.pub']];
  if (privateKey && publicKey) return { privateKey, publicKey };
  const pair = await newKey('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKey: pair.privateKey, publicKey: pair.publicKey };
}

/** The pair with this name in the texts of a Secret; undefined when it is missing or broken. */
export function pairIn(texts: Texts, name: string): Pair | undefined {
  const pair = { cert: texts[`${name}.crt`] ?? '', key: texts[`${name}.key`] ?? '' };
  return isSound(pair) ? pair : undefined;
}
