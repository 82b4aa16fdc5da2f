import { type LookupOptions, lookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import type { Target } from '#api/kubeconfig.ts';
import { targetLookup } from '#api/target-lookup.ts';
import { systemClock } from './clock.ts';
import { cached } from './ttl-cache.ts';

/** The address of an API server and the credentials for it. */
export type Connection = {
  server: string;
  tls: {
    ca?: Buffer | string | undefined;
    cert?: Buffer | string | undefined;
    key?: Buffer | string | undefined;
    servername?: string | undefined;
    rejectUnauthorized?: boolean | undefined;
    /** Resolves the server's name, for connections that must not go to every address. */
    lookup?: LookupFunction | undefined;
  };
  /** Headers for the next request: credentials may change while the program runs. */
  headers(): Promise<Record<string, string>>;
  limits?: Limits | undefined;
};

/** Limits for a server that others control: time of one request, bytes of one answer, objects of one list. */
export type Limits = { totalMs: number; bytes: number; items: number };

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet rotates a token after 80 % of its life, which is at least ten minutes. */
const TOKEN_TTL_MS = 60_000;

/**
 * The connection to this program's own cluster: KUBECONFIG if that is set, else the pod's service account.
 * @throws Error when neither is available.
 */
export async function loadConnection(environment: NodeJS.ProcessEnv): Promise<Connection> {
  if (environment['KUBECONFIG']) return kubeconfigConnection(environment['KUBECONFIG']);
  const host = environment['KUBERNETES_SERVICE_HOST'];
  if (!host)
    throw new Error('no cluster is configured: set KUBECONFIG, or run in a pod with a service account');
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const ca = await readFile(`${SERVICE_ACCOUNT}/ca.crt`);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca },
    headers: cached({ clock: systemClock, ttlMs: TOKEN_TTL_MS }, async () => ({
      authorization: `Bearer ${(await readFile(`${SERVICE_ACCOUNT}/token`, 'utf8')).trim()}`,
    })),
  };
}

/** Reads a trusted kubeconfig. Never use it for a tenant's: a kubeconfig may run exec plugins. */
export async function kubeconfigConnection(path: string): Promise<Connection> {
  // Imported here because it costs 80 MiB and is not needed inside a cluster.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  const server = config.getCurrentCluster()?.server;
  if (!server)
    throw new Error(
      `the current context of ${path} names no cluster; set one with kubectl config use-context`,
    );
  const options: Parameters<typeof config.applyToHTTPSOptions>[0] & Connection['tls'] = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return {
    server,
    tls: { ca, cert, key, servername, rejectUnauthorized },
    headers: cached({ clock: systemClock, ttlMs: TOKEN_TTL_MS }, async () => {
      const fresh: { headers?: Record<string, string> } = {};
      await config.applyToHTTPSOptions(fresh);
      return fresh.headers ?? {};
    }),
  };
}

/** The connection to a target cluster, from the parts of a kubeconfig that `parseKubeconfig` keeps. */
export function targetConnection(target: Target): Connection {
  const decode = (base64: string | undefined) => (base64 ? Buffer.from(base64, 'base64') : undefined);
  const { server, tlsServerName, insecureSkipTlsVerify, token } = target;
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return {
    server,
    tls: {
      ca: decode(target.ca),
      cert: decode(target.cert),
      key: decode(target.key),
      servername: tlsServerName,
      rejectUnauthorized: insecureSkipTlsVerify ? false : undefined,
      // The check of the kubeconfig sees names only, and the owner of a name decides which addresses it has.
      lookup: targetLookup<LookupOptions>(lookup),
    },
    headers: async () => headers,
  };
}
