/** Tries a credential on an API server, to see what it is good for. */
import type { Target } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import { targetConnection } from '#kube/connection.ts';
import { ApiError } from '#kube/errors.ts';

type Place = Pick<Target, 'server' | 'ca'>;

/** A credential of this certificate and key (PEM), for the server of another credential. */
export const asClientOf = ({ server, ca }: Place, { cert, key }: { cert: string; key: string }): Target => ({
  server,
  ca,
  insecureSkipTlsVerify: false,
  cert: Buffer.from(cert).toString('base64'),
  key: Buffer.from(key).toString('base64'),
});

/** Runs `use` with its own connection to the target. */
export async function withClient<T>(target: Target, use: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = new KubeClient(targetConnection(target));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** The HTTP status of the server's answer: 200, 401 (unknown credential) or 403 (refused). */
export async function answerTo(target: Target, path: string): Promise<number> {
  try {
    const signal = AbortSignal.timeout(10_000);
    await withClient(target, (client) => client.text(path, undefined, { signal }));
    return 200;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}
