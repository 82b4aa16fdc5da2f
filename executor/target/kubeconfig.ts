import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import * as z from 'zod/mini';
import { ORDER_KEYS } from '#api/contract/job.ts';
import type { Target } from '#api/kubeconfig.ts';
import { Failure } from '../failure.ts';

const text = z.optional(z.string());
const sanitised = z.object({
  clusters: z.tuple([
    z.object({
      cluster: z.object({
        server: z.string(),
        'certificate-authority-data': text,
        'tls-server-name': text,
        'insecure-skip-tls-verify': z.optional(z.boolean()),
      }),
    }),
  ]),
  users: z.tuple([
    z.object({
      user: z.object({ 'client-certificate-data': text, 'client-key-data': text, token: text }),
    }),
  ]),
});

/**
 * Reads the kubeconfig that the operator rebuilt and copies it to memory as 0600: mounted, it is 0444, and helm
 * warns of that.
 * @throws Failure `Usage`
 */
export async function copyKubeconfig(
  directory: string,
  memory: string,
): Promise<{ path: string; target: Target }> {
  try {
    const content = await readFile(join(directory, ORDER_KEYS.kubeconfig), 'utf8');
    const config = sanitised.parse(load(content));
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    await mkdir(memory, { recursive: true });
    const path = join(memory, 'kubeconfig');
    await writeFile(path, content, { mode: 0o600 });
    return {
      path,
      target: {
        server: cluster.server,
        ca: cluster['certificate-authority-data'],
        tlsServerName: cluster['tls-server-name'],
        insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
        cert: user['client-certificate-data'],
        key: user['client-key-data'],
        token: user.token,
      },
    };
  } catch {
    // Neither the parser's words nor a cause: they quote the credentials.
    throw new Failure(
      'Usage',
      `the kubeconfig in ${directory} is missing or was not written by the operator`,
    );
  }
}
