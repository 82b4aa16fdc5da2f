import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import type { Redactor } from '../log/redactor.ts';
import { registryHost } from './registry-host.ts';

/** What a Secret of source credentials holds. */
export type Credentials = {
  username?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
  ca?: string | undefined;
  /** By the host that is dialled. */
  docker: Record<string, { username: string; password: string }>;
};

const dockerConfig = z.object({
  auths: z.record(
    z.string(),
    z.object({
      auth: z.optional(z.string()),
      username: z.optional(z.string()),
      password: z.optional(z.string()),
    }),
  ),
});

/** Entries beside Docker Hub's own that `docker login` keeps for itself; no registry takes them. */
const OF_DOCKER_LOGIN = /^https:\/\/index\.docker\.io\/v1\/(access|refresh)-token$/;

/** Reads a mounted Secret, and has everything in it but the CA redacted from then on. */
export async function readCredentials(directory: string, redactor: Redactor): Promise<Credentials> {
  const read = async (key: string) => {
    const text = await readFile(join(directory, key), 'utf8').catch(() => undefined);
    return text === undefined || text.trim() === '' ? undefined : text.trim();
  };
  const [username, password, token, ca, config] = await Promise.all(
    ['username', 'password', 'token', 'ca.crt', '.dockerconfigjson'].map(read),
  );
  const docker = config ? readDocker(config, redactor) : {};
  for (const secret of [password, token]) if (secret) redactor.add(secret);
  if (username && password) redactor.add(`${username}:${password}`);
  return { username, password, token, ca, docker };
}

function readDocker(text: string, redactor: Redactor): Credentials['docker'] {
  redactor.add(text);
  let auths: z.infer<typeof dockerConfig>['auths'];
  try {
    auths = dockerConfig.parse(JSON.parse(text)).auths;
  } catch {
    // No cause: its message quotes the credentials.
    throw new Failure(
      'SourceInvalid',
      '.dockerconfigjson of the Secret of secretRef is not a docker configuration',
    );
  }
  const docker: Credentials['docker'] = {};
  for (const [server, { auth, username, password }] of Object.entries(auths)) {
    if (auth) redactor.add(auth);
    const [, user = username, pass = password] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(auth ?? '', 'base64').toString()) ?? [];
    if (!user || !pass) continue;
    redactor.add(pass);
    if (OF_DOCKER_LOGIN.test(server)) continue;
    const host = server.replace(/^https?:\/\//, '').split('/')[0] ?? server;
    docker[registryHost(host)] = { username: user, password: pass };
  }
  return docker;
}

/** The Authorization header for a chart repository, a file or a registry; undefined when there is nothing. */
export function authorizationOf(credentials: Credentials | undefined): string | undefined {
  if (!credentials) return undefined;
  const { username, password, token } = credentials;
  if (token) return `Bearer ${token}`;
  if (username !== undefined && password !== undefined) return basic({ username, password });
  return undefined;
}

export const basic = ({ username, password }: { username: string; password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
