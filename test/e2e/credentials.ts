/** What a credential is good for, told by the API server that it is shown to. */
import type { Target } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import { targetConnection } from '#kube/connection.ts';
import { ApiError } from '#kube/errors.ts';

type Place = Pick<Target, 'server' | 'ca'>;

/** Certificate and key in PEM, for the server of another credential. */
export const asClientOf = ({ server, ca }: Place, { cert, key }: { cert: string; key: string }): Target => ({
  server,
  ca,
  insecureSkipTlsVerify: false,
  cert: Buffer.from(cert).toString('base64'),
  key: Buffer.from(key).toString('base64'),
});

/** One use of a connection of its own. */
export async function withClient<T>(target: Target, use: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = new KubeClient(targetConnection(target));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** The code with which the server answers: 200, or why not: 401 it does not know who asks, 403 it refuses. */
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
