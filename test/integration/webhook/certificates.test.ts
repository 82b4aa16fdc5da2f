import { connect as connectTls } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { certificatesOf } from '#kube/certificates/judge.ts';
import type { KubeClient } from '#kube/client.ts';
import { close, listen } from '#kube/listen.ts';
import { silentLog } from '#kube/log.ts';
import { aNamespace } from '#test/builders.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { apply, kubectl } from '#test/kubectl.ts';
import { admissionServer } from '#webhook/admission-server.ts';
import type { Serving } from '#webhook/certificates/keep.ts';
import { CertificateKeeper } from '#webhook/certificates/keeper.ts';
import { connect } from './harness.ts';

const DAY_MS = 86_400_000;
const dnsNames = ['pinion-webhook.test.svc', '127.0.0.1'];
let client: KubeClient;

beforeAll(async () => {
  client = await connect();
});

/** Two configurations that match nothing; their caBundle is what counts. */
const configurations = (name: string) =>
  (['Mutating', 'Validating'] as const).map((kind) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks: ['a.example.com', 'b.example.com'].map((webhook) => ({
      name: webhook,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      namespaceSelector: { matchLabels: { nobody: 'has-this' } },
    })),
  }));

/** Replicas of one webhook, all over the same Secrets. */
async function given(namespace: string, replicas = 1) {
  await apply(aNamespace(namespace), ...configurations(namespace));
  const clock = new FakeClock();
  const served: Serving[][] = [];
  const keepers = Array.from({ length: replicas }, (_, i) => {
    const seen: Serving[] = [];
    served[i] = seen;
    const options = { client, clock, log: silentLog, namespace, dnsNames, configuration: namespace };
    return new CertificateKeeper({ ...options, onServing: (serving) => seen.push(serving) });
  });
  const check = () => Promise.all(keepers.map((keeper) => keeper.check()));
  return { clock, served, check, keepers };
}

async function bundles(name: string): Promise<string[]> {
  const found = await Promise.all(
    ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'].map((kind) =>
      kubectl(['get', kind, name, '-o', 'jsonpath={range .webhooks[*]}{.clientConfig.caBundle}{"\\n"}{end}']),
    ),
  );
  return found.flatMap((text) => text.trim().split('\n')).map((one) => Buffer.from(one, 'base64').toString());
}

test('replicas that start at once agree on one CA and one leaf', async () => {
  const { served, check, keepers } = await given('certificates-race', 4);
  // Whoever meets a conflict tries again later, once all have looked.
  await Promise.allSettled(keepers.map((keeper) => keeper.check()));
  await check();
  const last = served.map((seen) => seen.at(-1)?.leaf.cert);
  expect(new Set(last).size).toBe(1);
  const all = await bundles('certificates-race');
  expect(all).toHaveLength(4);
  expect(new Set(all)).toEqual(new Set([served[0]?.at(-1)?.bundle]));
  expect(certificatesOf(all[0] ?? '')).toHaveLength(1);
});

test('a look at what is right writes nothing', async () => {
  const { check, served } = await given('certificates-rest');
  await check();
  const versions = () =>
    kubectl([
      'get',
      'secrets',
      '-n',
      'certificates-rest',
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    ]);
  const before = await versions();
  await check();
  expect(await versions()).toBe(before);
  expect(served[0]).toHaveLength(1);
});

test('the leaf is renewed after 60 days, by the same CA', async () => {
  const { clock, check, served } = await given('certificates-leaf');
  await check();
  await clock.advance(59 * DAY_MS);
  await check();
  expect(served[0]).toHaveLength(1);
  await clock.advance(2 * DAY_MS);
  await check();
  const [first, second] = served[0] ?? [];
  expect(second?.leaf.cert).not.toBe(first?.leaf.cert);
  expect(second?.bundle).toBe(first?.bundle);
});

test('a new CA joins the bundle beside the old one, whose leaf goes on until its own time', async () => {
  const { clock, check, served } = await given('certificates-ca');
  await check();
  // Leaves on the way, so that only the CA is due.
  for (let day = 0; day < 239; day += 59.75) {
    await clock.advance(59.75 * DAY_MS);
    await check();
  }
  await clock.advance(2 * DAY_MS);
  await check();
  const [before, after] = served[0]?.slice(-2) ?? [];
  expect(certificatesOf(after?.bundle ?? '')).toHaveLength(2);
  expect(certificatesOf(after?.bundle ?? '')[1]).toBe(certificatesOf(before?.bundle ?? '')[0]);
  expect(new Set(await bundles('certificates-ca'))).toEqual(new Set([after?.bundle]));
});

test('a caBundle that somebody empties is written again', async () => {
  const name = 'certificates-reset';
  const { check, served } = await given(name);
  await check();
  const empty = [{ op: 'remove', path: '/webhooks/1/clientConfig/caBundle' }];
  await kubectl(['patch', 'mutatingwebhookconfiguration', name, '--type=json', '-p', JSON.stringify(empty)]);
  await check();
  expect(new Set(await bundles(name))).toEqual(new Set([served[0]?.[0]?.bundle]));
});

test('a spoiled Secret is made anew', async () => {
  const namespace = 'certificates-spoiled';
  const { check, served } = await given(namespace);
  await check();
  const garbage = Buffer.from('garbage').toString('base64');
  const patch = JSON.stringify({ data: { 'tls.crt': garbage, 'tls.key': garbage } });
  for (const name of ['pinion-webhook-ca', 'pinion-webhook-tls']) {
    await kubectl(['patch', 'secret', name, '-n', namespace, '--type=merge', '-p', patch]);
  }
  await check();
  expect(served[0]).toHaveLength(2);
  expect(certificatesOf(served[0]?.[1]?.bundle ?? '')).toHaveLength(2);
});

test('without webhook configurations a replica is not ready, and says which is missing', async () => {
  const { check, keepers } = await given('certificates-missing');
  await kubectl(['delete', 'mutatingwebhookconfiguration', 'certificates-missing']);
  await expect(check()).rejects.toThrow(/no MutatingWebhookConfiguration named certificates-missing/);
  expect(keepers[0]?.isPublished).toBe(false);
});

test('a server takes up a new certificate without a restart', async () => {
  const { clock, check, served } = await given('certificates-reload');
  await check();
  const { server, serveWith } = admissionServer((_request, response) => response.end('ok'));
  const use = (serving: Serving | undefined) => serving && serveWith(serving.leaf);
  use(served[0]?.at(-1));
  const port = await listen(server, 0, '127.0.0.1');
  const serial = () =>
    new Promise<string>((resolve, reject) => {
      const ca = served[0]?.at(-1)?.bundle ?? '';
      // The certificates are of another time than this machine's.
      const socket = connectTls({ port, host: '127.0.0.1', ca, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
        socket.end();
      });
      socket.on('error', reject);
    });
  const before = await serial();
  await clock.advance(61 * DAY_MS);
  await check();
  use(served[0]?.at(-1));
  expect(await serial()).not.toBe(before);
  await close(server, 0);
});
