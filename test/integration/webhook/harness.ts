import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { inject } from 'vitest';
import type { Settings } from '#api/settings.ts';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { silentLog } from '#kube/log.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, eventually, kubectl, tryKubectl } from '#test/kubectl.ts';
import { startWebhook, type Webhook } from '#webhook/webhook.ts';

export const OPERATOR = 'system:serviceaccount:pinion-system:pinion-operator';

export const connect = async () => new KubeClient(await kubeconfigConnection(inject('kubeconfig')));

export async function installKinds(): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', 'deploy/crds']);
  // kubectl wait fails on a definition that has no conditions yet.
  await eventually('both kinds are served', 120, async () => {
    const { ok, stdout } = await tryKubectl(['get', '--raw', '/apis/kosmos.io/v1alpha1']);
    return ok && stdout.includes('"virtualclusters"') && stdout.includes('"virtualclusterplugins"');
  });
}

type Configuration = {
  metadata: { name: string };
  webhooks: { name: string; clientConfig: object; namespaceSelector: object }[];
};

/**
 * Runs a webhook in this process and lets the API server call it for one namespace: the configurations are
 * those of deploy/, but for the address.
 */
export async function startFor(namespace: string, settings: Partial<Settings> = {}): Promise<Webhook> {
  await apply(aNamespace(namespace));
  const configuration = `test-${namespace}`;
  const webhook = await startWebhook({
    client: await connect(),
    clock: systemClock,
    log: silentLog,
    drainMs: 0,
    config: {
      port: 0,
      metricsPort: 0,
      namespace,
      configuration,
      dnsNames: ['pinion-webhook.test.svc', '127.0.0.1'],
      operatorAccount: OPERATOR,
      logLevel: 'silent',
      settings: {
        allowHostPaths: ['/opt/pinion'],
        allowSourceCidrs: [],
        sourceSecureLoose: false,
        ...settings,
      },
    },
  });
  await apply(...(await configurations(configuration, namespace, webhook.port)));
  await eventually('the webhook is ready', 120, () => isReady(webhook));
  return webhook;
}

const isReady = (webhook: Webhook) =>
  fetch(`http://127.0.0.1:${webhook.metricsPort}/readyz`).then(({ ok }) => ok);

async function configurations(name: string, namespace: string, port: number): Promise<Configuration[]> {
  const all = loadAll(await readFile('deploy/webhook/configurations.yaml', 'utf8')) as Configuration[];
  return all.map((one) => ({
    ...one,
    metadata: { name },
    webhooks: one.webhooks.map((webhook) => {
      const { service } = webhook.clientConfig as { service: { path: string } };
      return {
        ...webhook,
        // Loopback on a busy machine.
        timeoutSeconds: 20,
        clientConfig: { url: `https://127.0.0.1:${port}${service.path}` },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      };
    }),
  }));
}

/** Removes the configurations before the webhook goes: nothing must be left that calls a closed port. */
export async function stopFor(namespace: string, webhook: Webhook | undefined): Promise<void> {
  const name = `test-${namespace}`;
  const kinds = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';
  await kubectl(['delete', kinds, name, '--ignore-not-found']);
  await webhook?.stop();
}
