import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../apiserver.ts';

/** Its own API server, because `make install` changes the whole cluster. */
let server: ApiServer;

async function run(file: string, args: string[], input?: object) {
  const { failed, all } = await execa(file, args, {
    env: { KUBECONFIG: server.kubeconfig },
    reject: false,
    all: true,
    timeout: 200_000,
    ...(input && { input: JSON.stringify(input) }),
  });
  return { ok: !failed, text: all };
}
const kubectl = (args: string[], input?: object) => run('.local/bin/kubectl', args, input);
const install = () => run('node', ['deploy/install.ts']);

const labels = { app: 'kosmos' };
const kosmos = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'default', name: 'virtual-cluster-operator' },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          { name: 'operator', image: 'registry.example.com/kosmos-io/virtual-cluster-operator:v0.3.0' },
        ],
      },
    },
  },
};

beforeAll(async () => {
  server = await startApiServer();
});
afterAll(() => server?.stop());

test("make install refuses to run beside Kosmos's operator, says how to stop it, and changes nothing", async () => {
  expect(await kubectl(['create', '-f', '-'], kosmos)).toMatchObject({ ok: true });
  const { ok, text } = await install();
  expect(ok).toBe(false);
  expect(text).toContain('kubectl scale --replicas=0 -n default deployment/virtual-cluster-operator');
  expect((await kubectl(['get', 'namespace', 'pinion-system'])).ok).toBe(false);
});

test('make install installs everything, and a second time as well', async () => {
  // The test before this one, if it ran, left Kosmos's operator running.
  await kubectl(['scale', '--replicas=0', 'deployment/virtual-cluster-operator']);
  expect(await install()).toMatchObject({ ok: true });
  const { ok, text } = await install();
  expect({ ok, text }).toMatchObject({ ok: true });
  expect(text).toContain('deployment.apps/pinion-operator serverside-applied');
  expect(text).toContain('virtualclusterplugin.kosmos.io/coredns serverside-applied');
});

test('kubectl apply -k deploy/ works client-side too', async () => {
  const { ok, text } = await kubectl(['apply', '--dry-run=server', '-k', 'deploy/']);
  expect({ ok, text }).toMatchObject({ ok: true });
});

test.each(['pinion-operator', 'pinion-webhook'])(
  '%s meets the restricted Pod Security Standard',
  async (name) => {
    const { text } = await kubectl(['get', 'deployment', name, '-n', 'pinion-system', '-o', 'json']);
    const { template, replicas } = JSON.parse(text).spec;
    expect(replicas).toBe(2);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'pinion-system', name },
      spec: { ...template.spec, serviceAccountName: undefined },
    };
    expect(await kubectl(['create', '--dry-run=server', '-f', '-'], pod)).toMatchObject({ ok: true });
  },
);
