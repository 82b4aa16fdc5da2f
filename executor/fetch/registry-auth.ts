import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { LIMIT } from '../source/limits.ts';
import { authorizationOf, basic, type Credentials } from './credentials.ts';
import type { Get, HttpAnswer } from './http.ts';

type Of = { host: string; repository: string; credentials: Credentials | undefined; allowPlain: boolean };

/**
 * A GET below `/v2/<repository>/` of a registry that answers its challenge: a token from the realm that it names,
 * or Basic.
 */
export async function createRegistryGet(
  get: Get,
  of: Of,
): Promise<
  (path: string, options: { limit: number; accept?: string; archive?: boolean }) => Promise<HttpAnswer>
> {
  const base = `${await schemeOf(get, of)}://${of.host}/v2/${of.repository}/`;
  const account = accountOf(of);
  let authorization = of.credentials?.token ? authorizationOf(of.credentials) : undefined;
  return async (path, options) => {
    const url = `${base}${path}`;
    const first = await get(url, { ...options, authorization, expect: [401] });
    if (first.status !== 401) return first;
    authorization = await answerChallenge(get, of, account, first.headers['www-authenticate']);
    return get(url, { ...options, authorization });
  };
}

async function schemeOf(get: Get, { host, allowPlain }: Of): Promise<'https' | 'http'> {
  if (!allowPlain) return 'https';
  try {
    await get(`https://${host}/v2/`, { limit: LIMIT.file, expect: [401, 403, 404] });
    return 'https';
  } catch (error) {
    if (error instanceof Failure && error.reason === 'SourceUnavailable') return 'http';
    throw error;
  }
}

const accountOf = ({ host, credentials }: Of) => {
  if (!credentials) return undefined;
  const { username, password, docker } = credentials;
  if (username !== undefined && password !== undefined) return { username, password };
  return docker[host];
};

async function answerChallenge(
  get: Get,
  of: Of,
  account: { username: string; password: string } | undefined,
  header: string | string[] | undefined,
): Promise<string> {
  const challenge = [header ?? []].flat().find((one) => /^(bearer|basic)\b/i.test(one)) ?? '';
  if (/^basic/i.test(challenge) && account) return basic(account);
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm');
  if (!/^bearer/i.test(challenge) || !realm || !URL.canParse(realm)) {
    throw new Failure(
      'SourceRefused',
      `registry ${of.host} requires credentials; put username and password, or .dockerconfigjson, into the Secret of secretRef`,
    );
  }
  const url = new URL(realm);
  url.searchParams.set('scope', field('scope') ?? `repository:${of.repository}:pull`);
  const service = field('service');
  if (service) url.searchParams.set('service', service);
  const trusted = account && sameOwner(url.hostname, of.host.replace(/:[0-9]+$/, ''));
  const answer = await get(url.href, {
    limit: LIMIT.file,
    authorization: trusted ? basic(account) : undefined,
  });
  const tokens = z.object({ token: z.optional(z.string()), access_token: z.optional(z.string()) });
  const { token, access_token: access } = tokens.parse(JSON.parse(answer.body.toString('utf8')));
  if (!token && !access)
    throw new Failure('SourceRefused', `${url.host} returned no token for registry ${of.host}`);
  return `Bearer ${token ?? access}`;
}

/** A registry may name any realm; the password goes only to one under the same domain. */
export function sameOwner(realm: string, registry: string): boolean {
  if (realm === registry) return true;
  if (isIP(realm) || isIP(registry)) return false;
  const domain = (host: string) => host.split('.').slice(-2).join('.');
  return registry.includes('.') && domain(realm) === domain(registry);
}
