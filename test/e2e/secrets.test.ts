import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { machineNames } from '#local/names.ts';
import { aPlugin, aSecret, aVirtualCluster } from '#test/builders.ts';
import { apply, list, tryKubectl } from '#test/kubectl.ts';
import { watchArguments } from './arguments.ts';
import { freshStore } from './store.ts';
import { freshNamespace, untilPhase, untilPlugin } from './world.ts';

const namespace = 'e2e-secrets';
const chart = 'apiVersion: v2\nname: canary\nversion: 0.1.0\n';
const template = `apiVersion: v1
kind: Secret
metadata: { name: canary }
stringData: { password: {{ .Values.password | quote }} }
`;
/** A template whose error message carries the value: helm prints it, and nobody may see it. */
const leaking = '{{ fail (printf "the password is %s" .Values.password) }}\n';

/** So that helm is at work for some seconds, in which its arguments can be seen. */
const hook = (image: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: hook
  annotations: { helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: hook, image: ${image}, command: [sleep, "3"] }]
`;

type Canary = { name: string; raw: string };
const canary = (name: string): Canary => ({ name, raw: `canary-${name}-${randomBytes(9).toString('hex')}` });
const value = canary('value');
const credential = canary('credential');

/** Raw, base64 and URL forms of a secret. */
const forms = ({ raw }: Canary) => [
  raw,
  Buffer.from(raw).toString('base64').replace(/=+$/, ''),
  encodeURIComponent(raw),
];

// Into machines that aren't the local cluster's nobody can look.
const machines = process.env['CLUSTER'] === 'existing' ? [] : machineNames;
let calledWith: string[] = [];

beforeAll(async () => {
  await freshNamespace(namespace);
  await freshStore(namespace, {
    'good/Chart.yaml': chart,
    'good/templates/secret.yaml': template,
    'good/templates/hook.yaml': hook(inject('executorImage')),
    'leaking/Chart.yaml': chart,
    'leaking/templates/leak.yaml': leaking,
    'plain.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"plain"}}',
  });
  await apply(aSecret(namespace, 'values', { 'values.yaml': `password: ${value.raw}\n` }));
  const labels = { 'kosmos.io/source-credentials': 'true' };
  await apply(aSecret(namespace, 'credentials', { username: 'canary', password: credential.raw }, labels));
  const valuesFrom = [{ secretKeyRef: { name: 'values' } }];
  const fromStore = (path: string) => ({
    targetNamespace: namespace,
    pluginSources: { chart: { storage: { pvPath: `store-store-0:/pv/${path}` }, valuesFrom } },
  });
  const commands = {
    // A command that prints all that it can see.
    tells: 'env; cat "$KUBECONFIG"; kubectl config view --raw; exit 1',
  };
  await apply(aPlugin(namespace, 'good', fromStore('good')));
  await apply(aPlugin(namespace, 'leaking', fromStore('leaking')));
  await apply(
    aPlugin(namespace, 'telling', {
      targetNamespace: namespace,
      pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } },
      successStateCommand: commands.tells,
      successStateTimeout: '5s',
    }),
  );
  // Port 1 of the API server's own service: an address of the cluster where nobody listens.
  await apply(
    aPlugin(namespace, 'fetching', {
      timeout: '20s',
      pluginSources: {
        yaml: {
          path: { uri: 'https://kubernetes.default.svc:1/a.yaml', secretRef: { name: 'credentials' } },
        },
      },
    }),
  );
  const watches = machines.map(watchArguments);
  for (const name of ['good', 'leaking', 'telling', 'fetching']) {
    await apply(aVirtualCluster(namespace, name, [name]));
  }
  await untilPhase(namespace, 'good', 'Completed', 240);
  for (const name of ['leaking', 'telling']) await untilPhase(namespace, name, 'Failed', 240);
  // Another try may mend it, so it isn't Failed for minutes; one attempt is what is looked at here.
  await untilPlugin(namespace, 'fetching', 'fetching', 240, (one) => one.reason === 'SourceUnavailable');
  calledWith = (await Promise.all(watches.map((stop) => stop()))).flat();
});

/** All that a person who may not read Secrets can see of our work, by name. */
async function visible(): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const kind of ['events', 'configmaps', 'vc', 'vp', 'jobs', 'pods']) {
    seen[kind] = JSON.stringify(await list(kind, '-n', namespace));
  }
  const pods = await list<{ metadata: { name: string } }>('pods', '-n', namespace);
  for (const { metadata } of pods) {
    for (const container of ['fetch', 'executor']) {
      // Not every pod has fetched, and not every one came to install.
      const { stdout } = await tryKubectl(['logs', '-n', namespace, metadata.name, '-c', container]);
      seen[`log of ${metadata.name}/${container}`] = stdout;
    }
  }
  const system = await list<{ metadata: { name: string } }>('pods', '-n', 'pinion-system');
  for (const { metadata } of system) {
    const log = await tryKubectl(['logs', '-n', 'pinion-system', metadata.name]);
    if (log.ok) seen[`log of ${metadata.name}`] = log.stdout;
    // It may be gone since.
    else expect(log.stderr).toContain('NotFound');
  }
  return seen;
}

describe('no secret is in any log, event, status, ConfigMap or argument, on good and failing paths:', () => {
  let seen: Record<string, string> = {};
  beforeAll(async () => {
    seen = { ...(await visible()), arguments: calledWith.join('\n') };
  });

  const found = (secret: Canary) =>
    Object.entries(seen)
      .filter(([, text]) => forms(secret).some((form) => text.includes(form)))
      .map(([where]) => where);

  test('the search itself finds what is there', () => {
    expect(Object.entries(seen).filter(([, text]) => text.includes('leaking')).length).toBeGreaterThan(1);
    expect(Object.values(seen).filter((text) => text.includes('==> install'))).not.toEqual([]);
    for (const program of ['pinion-operator', 'pinion-webhook'])
      expect(Object.keys(seen)).toContainEqual(expect.stringContaining(`log of ${program}`));
    // helm, in the middle of its work.
    if (machines.length > 0) expect(calledWith).toContain('--server-side=true');
  });
  test('a value of valuesFrom.secretKeyRef', () => expect(found(value)).toEqual([]));
  test('the credentials of a source', () => expect(found(credential)).toEqual([]));
  test('the key of the kubeconfig', async () => {
    const kubeconfig = await readFile(inject('kubeconfig'), 'utf8');
    const key = /client-key-data["\s:]+([A-Za-z0-9+/=]+)/.exec(kubeconfig)?.[1] ?? 'no key';
    const middle = Buffer.from(key, 'base64').toString('utf8').split('\n')[5] ?? 'no line';
    const where = Object.entries(seen).filter(
      ([, text]) => text.includes(key.slice(40, 100)) || text.includes(middle),
    );
    expect(where.map(([name]) => name)).toEqual([]);
  });
});
