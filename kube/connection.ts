import { type LookupOptions, lookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import type { Target } from '#api/kubeconfig.ts';
import { targetLookup } from '#api/target-lookup.ts';

/** How to reach and prove oneself to an API server. */
export type Connection = {
  server: string;
  tls: {
    ca?: Buffer | string | undefined;
    cert?: Buffer | string | undefined;
    key?: Buffer | string | undefined;
    servername?: string | undefined;
    rejectUnauthorized?: boolean | undefined;
    /** How the server's name becomes addresses, where not every address will do. */
    lookup?: LookupFunction | undefined;
  };
  /** Headers of every request: credentials that may change while the program runs. */
  headers(): Promise<Record<string, string>>;
  limits?: Limits | undefined;
};

/** What a server may cost that is somebody else's: time of one request, bytes of one answer, objects of one list. */
export type Limits = { totalMs: number; bytes: number; items: number };

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Tokens are rotated by the kubelet at 80 % of at least ten minutes. */
const TOKEN_LIFE_MS = 60_000;

/**
 * The API server that this program belongs to: KUBECONFIG if that is set, else the pod's service account.
 * @throws Error when there is neither.
 */
export async function loadConnection(environment: NodeJS.ProcessEnv): Promise<Connection> {
  if (environment['KUBECONFIG']) return kubeconfigConnection(environment['KUBECONFIG']);
  const host = environment['KUBERNETES_SERVICE_HOST'];
  if (!host) throw new Error('no cluster: set KUBECONFIG, or run in a pod with a service account');
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const ca = await readFile(`${SERVICE_ACCOUNT}/ca.crt`);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca },
    headers: rememberFor(TOKEN_LIFE_MS, async () => ({
      authorization: `Bearer ${(await readFile(`${SERVICE_ACCOUNT}/token`, 'utf8')).trim()}`,
    })),
  };
}

/** Reads a trusted kubeconfig: it may run exec plugins. Never for a tenant's. */
export async function kubeconfigConnection(path: string): Promise<Connection> {
  // Imported here because it costs 80 MiB, and in a cluster it is not needed.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new Error(`the current context of ${path} has no cluster`);
  const options: Parameters<typeof config.applyToHTTPSOptions>[0] & Connection['tls'] = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return {
    server,
    tls: { ca, cert, key, servername, rejectUnauthorized },
    headers: rememberFor(TOKEN_LIFE_MS, async () => {
      const fresh: { headers?: Record<string, string> } = {};
      await config.applyToHTTPSOptions(fresh);
      return fresh.headers ?? {};
    }),
  };
}

/** A tenant's cluster, from what `parseKubeconfig` kept of the kubeconfig. */
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
      // The kubeconfig's check sees names only, and who owns a name decides where it leads.
      lookup: targetLookup<LookupOptions>(lookup),
    },
    headers: async () => headers,
  };
}

function rememberFor<T>(lifeMs: number, read: () => Promise<T>): () => Promise<T> {
  let held: { value: Promise<T>; until: number } | undefined;
  return () => {
    if (!held || held.until < Date.now()) {
      const value = read();
      held = { value, until: Date.now() + lifeMs };
      value.catch(() => {
        held = undefined;
      });
    }
    return held.value;
  };
}
