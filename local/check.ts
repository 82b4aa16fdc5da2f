import { randomBytes } from 'node:crypto';
import { manifest } from './addons.ts';
import { nodeImage } from './base-images.ts';
import { LocalError } from './errors.ts';
import { applyText, kubectl, tryKubectl } from './kubectl.ts';
import { issue, newAuthority } from './pki.ts';
import { waitFor } from './run.ts';
import type { Cluster } from './state.ts';

const namespace = '--namespace=local-check';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Removes what the check made; `wait` until it is gone. */
async function remove(wait: boolean): Promise<void> {
  await tryKubectl('delete', 'validatingwebhookconfiguration', 'local-check', '--ignore-not-found');
  await kubectl(
    'delete',
    'namespace',
    'local-check',
    '--ignore-not-found',
    `--wait=${wait}`,
    '--timeout=60s',
  );
}

/** The API server calls a webhook behind a Service; the refusal contains the nonce. */
async function webhookRoundTrip(nonce: string): Promise<void> {
  await kubectl('wait', namespace, 'pod/server', '--for=condition=Ready', '--timeout=180s');
  let last = '';
  const answered = async () => {
    const configMap = await tryKubectl(
      'create',
      'configmap',
      'asked',
      namespace,
      '--dry-run=client',
      '-o=yaml',
    );
    const labelled = configMap.stdout.replace(
      'metadata:',
      'metadata:\n  labels: { pinion.local/asked: "true" }',
    );
    last = await applyText(labelled).catch((error: unknown) => String(error));
    return last.includes(`round trip ${nonce}`);
  };
  await waitFor('the webhook round trip', answered, 60).catch((cause: unknown) => {
    throw new LocalError(
      'WebhookUnreachable',
      `the API server could not reach a webhook in a pod; its last answer: ${last}`,
      { cause },
    );
  });
}

async function podToPod(): Promise<void> {
  const ended = await tryKubectl(
    'wait',
    namespace,
    'pod/client',
    '--for=jsonpath={.status.phase}=Succeeded',
    '--timeout=180s',
    '--request-timeout=0',
  );
  if (ended.ok) return;
  const log = await tryKubectl('logs', namespace, 'client', '--tail=5');
  throw new LocalError(
    'PodsUnreachable',
    `a pod on worker-2 could not reach a pod on worker-1: ${ended.stderr}\n${log.stdout}`,
  );
}

/** Proves that pods reach each other across machines, by address and by name, and that webhooks work. */
export async function checkCluster(cluster: Cluster): Promise<void> {
  await remove(true);
  const nonce = randomBytes(8).toString('hex');
  const authority = await newAuthority('local-check');
  const server = await issue(authority, { name: 'server', dnsNames: ['server.local-check.svc'] });
  await waitFor(
    'the default service account',
    async () => (await tryKubectl('get', 'serviceaccount', 'default', '--namespace=default')).ok,
    30,
  );
  await applyText(
    await manifest('check.yaml', {
      NONCE: nonce,
      NODE: `${cluster.registry}/${nodeImage}`,
      CERTIFICATE: base64(server.certificate),
      KEY: base64(server.key),
      CA: base64(authority.certificate),
    }),
  );
  await Promise.all([webhookRoundTrip(nonce), podToPod()]);
  await remove(false);
}
