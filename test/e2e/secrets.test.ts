import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { machineNames } from '#local/names.ts';
import { aPlugin, aSecret, aVirtualCluster, withLabels } from '#test/builders/manifests.ts';
import { keptLogs } from '#test/kept-logs.ts';
import { apply, eventually, list, tryKubectl } from '#test/kubectl.ts';
import { secretForms } from '#test/secret-forms.ts';
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
/** A template whose error message contains the value: helm prints it, and Pinion must mask it. */
const leaking = '{{ fail (printf "the password is %s" .Values.password) }}\n';

/** Keeps helm running for some seconds, in which its arguments can be seen. */
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

/** A secret that appears nowhere else. Its slashes make the URL form differ from the plain one. */
const canary = (name: string): string => `canary/${name}/${randomBytes(9).toString('hex')}`;
const value = canary('value');
const credential = canary('credential');

// Only the machines of the local cluster can be looked into.
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
  await apply(aSecret(namespace, 'values', { 'values.yaml': `password: ${value}\n` }));
  const labels = { 'kosmos.io/source-credentials': 'true' };
  await apply(
    aSecret(namespace, 'credentials', { username: 'canary', password: credential }, withLabels(labels)),
  );
  const valuesFrom = [{ secretKeyRef: { name: 'values' } }];
  const fromStore = (path: string) => ({
    targetNamespace: namespace,
    pluginSources: { chart: { storage: { pvPath: `store-store-0:/pv/${path}` }, valuesFrom } },
  });
  const printsEverything = 'env; cat "$KUBECONFIG"; kubectl config view --raw; exit 1';
  await apply(aPlugin(namespace, 'good', fromStore('good')));
  await apply(aPlugin(namespace, 'leaking', fromStore('leaking')));
  await apply(
    aPlugin(namespace, 'telling', {
      targetNamespace: namespace,
      pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } },
      successStateCommand: printsEverything,
      successStateTimeout: '5s',
    }),
  );
  // Port 1 of the API server's own service: an address of the cluster where nothing listens.
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
  // It is retried, so it isn't Failed for minutes; one attempt is enough here.
  await untilPlugin(
    namespace,
    'fetching',
    'fetching',
    240,
    (plugin) => plugin.reason === 'SourceUnavailable',
  );
  // That of a success comes ten seconds after its end.
  const ofGood = ['-n', namespace, '-l', 'kosmos.io/cluster-name=good'];
  await eventually('its log is kept', 60, async () => (await list('configmaps', ...ofGood)).length > 0);
  calledWith = (await Promise.all(watches.map((stop) => stop()))).flat();
});

/** Everything that a person who may not read Secrets can see of Pinion's work, by name. */
async function visible(): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  const kept = await list<{ binaryData?: Record<string, string> }>('configmaps', '-n', namespace);
  seen['kept logs'] = JSON.stringify(kept.map(keptLogs));
  for (const kind of ['events', 'configmaps', 'vc', 'vp', 'pinst', 'jobs', 'pods']) {
    seen[kind] = JSON.stringify(await list(kind, '-n', namespace));
  }
  const pods = await list<{ metadata: { name: string } }>('pods', '-n', namespace);
  for (const { metadata } of pods) {
    for (const container of ['fetch', 'executor']) {
      // Not every pod has a fetch container, and not every one got as far as install.
      const { stdout } = await tryKubectl(['logs', '-n', namespace, metadata.name, '-c', container]);
      seen[`log of ${metadata.name}/${container}`] = stdout;
    }
  }
  const system = await list<{ metadata: { name: string } }>('pods', '-n', 'pinion-system');
  for (const { metadata } of system) {
    const log = await tryKubectl(['logs', '-n', 'pinion-system', metadata.name]);
    if (log.ok) seen[`log of ${metadata.name}`] = log.stdout;
    // The pod may be deleted meanwhile.
    else expect(log.stderr).toContain('NotFound');
  }
  return seen;
}

describe('logs, events, statuses, ConfigMaps and arguments', () => {
  let seen: Record<string, string> = {};
  beforeAll(async () => {
    seen = { ...(await visible()), arguments: calledWith.join('\n') };
  });

  const placesWith = (secret: string) => {
    const forms = secretForms(secret);
    return Object.entries(seen)
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([place]) => place);
  };

  test('are searched, and known texts are found in them', () => {
    expect(Object.entries(seen).filter(([, text]) => text.includes('leaking')).length).toBeGreaterThan(1);
    expect(Object.values(seen).filter((text) => text.includes('==> install'))).not.toEqual([]);
    expect(seen['kept logs']).toContain('==> install');
    for (const program of ['pinion-operator', 'pinion-webhook'])
      expect(Object.keys(seen)).toContainEqual(expect.stringContaining(`log of ${program}`));
    // helm, in the middle of its work.
    if (machines.length > 0) expect(calledWith).toContain('--server-side=true');
  });
  test('do not contain a value of valuesFrom.secretKeyRef', () => expect(placesWith(value)).toEqual([]));
  test('do not contain the credentials of a source', () => expect(placesWith(credential)).toEqual([]));
  test('do not contain the key of the kubeconfig', async () => {
    const kubeconfig = await readFile(inject('kubeconfig'), 'utf8');
    const key = /client-key-data["\s:]+([A-Za-z0-9+/=]+)/.exec(kubeconfig)?.[1] ?? 'no key';
    const middle = Buffer.from(key, 'base64').toString('utf8').split('\n')[5] ?? 'no line';
    const where = Object.entries(seen).filter(
      ([, text]) => text.includes(key.slice(40, 100)) || text.includes(middle),
    );
    expect(where.map(([name]) => name)).toEqual([]);
  });
});
