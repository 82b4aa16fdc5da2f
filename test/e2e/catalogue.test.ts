import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { layout } from '#local/layout.ts';
import { apply, eventually, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { aTenant, ownerOf } from './tenant.ts';
import { aDenyingWeb, GREETING, REFUSAL } from './tenant-web.ts';
import { freshNamespace, pluginStatus, untilPhase } from './world.ts';

const namespace = 'e2e-catalogue';
const name = 'blue';
const owner = () => ownerOf(namespace, name);

/** Runs a script in the tenant's pod and returns its output. */
async function inPod(script: string): Promise<string> {
  const { kubectl } = await owner();
  return kubectl(['exec', 'deployment/web', '--', 'node', '--input-type=module', '--eval', script]);
}

beforeAll(async () => {
  await freshNamespace(namespace);
  const enabled = [{ name: 'metrics-server' }, { name: 'node-local-dns' }];
  await apply(aTenant(namespace, name, { pluginSet: { enabled } }));
  await untilPhase(namespace, name, 'Completed', 480);
});

test.each(['apiserver-network-proxy', 'coredns', 'metrics-server', 'node-local-dns'])(
  '%s is installed from the catalogue and verified',
  async (plugin) => {
    const installed = await pluginStatus(namespace, name, plugin);
    expect(installed).toMatchObject({ phase: 'Installed', verified: 'Yes', namespace: 'pinion-catalogue' });
  },
);

test.each([
  ['node-local-dns', 'coredns'],
  ['metrics-server', 'apiserver-network-proxy'],
])('%s is installed after its dependency %s', async (later, earlier) => {
  const began = Date.parse((await pluginStatus(namespace, name, later))?.startTime ?? '');
  const ended = Date.parse((await pluginStatus(namespace, name, earlier))?.completionTime ?? '');
  expect(began).toBeGreaterThanOrEqual(ended);
});

test('kubectl top shows the usage of the nodes', async () => {
  const { kubectl } = await owner();
  await expect
    .poll(async () => (await kubectl(['top', 'nodes', '--no-headers'])).trim().split('\n'), WITHIN_A_MINUTE)
    .toEqual([expect.stringMatching(/^\S+ +\d+m +\d+% +\d+Mi +\d+%/)]);
});

test('a worker of 1 CPU and 1 GiB has more than half left with the whole catalogue installed', async () => {
  const { kubectl } = await owner();
  const described = await kubectl(['describe', 'nodes']);
  const [, cpu, memory] =
    /\n {2}cpu +\S+ \((\d+)%\)[\s\S]*?\n {2}memory +\S+ \((\d+)%\)/.exec(described) ?? [];
  expect(Number(cpu)).toBeLessThan(50);
  expect(Number(memory)).toBeLessThan(50);
});

test('DNS, logs, exec, port-forward and admission webhooks work in a tenant', async () => {
  const { kubectl, path } = await owner();
  const objects = (await aDenyingWeb()).map((object) => JSON.stringify(object)).join('\n---\n');
  await kubectl(['apply', '-f', '-'], { input: objects });
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=240s']);

  // Logs and exec: the API server reaches the kubelet through konnectivity.
  expect(await kubectl(['logs', 'deployment/web'])).toContain('listening');
  expect(await inPod('console.log(1 + 1)')).toBe('2');

  // DNS: the Service's short name, and the API server's name, by both servers.
  const ask = "console.log(await (await fetch('http://web', { signal: AbortSignal.timeout(3000) })).text())";
  await expect.poll(() => inPod(ask), WITHIN_A_MINUTE).toBe(GREETING);
  const resolve = (server: string) =>
    inPod(
      `import { Resolver } from 'node:dns/promises'; const r = new Resolver({ timeout: 2000, tries: 1 }); ${server} console.log((await r.resolve4('kubernetes.default.svc.cluster.local')).join())`,
    );
  const address = await kubectl(['get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}']);
  for (const server of ['', "r.setServers(['169.254.20.10']);"])
    await expect.poll(() => resolve(server), WITHIN_A_MINUTE).toBe(address);

  // port-forward, as the owner would use it with a browser.
  const forward = execa(join(layout.bin, 'kubectl'), ['port-forward', 'deployment/web', ':8080'], {
    env: { KUBECONFIG: path },
    reject: false,
  });
  onTestFinished(() => void forward.kill());
  let output = '';
  forward.stdout.on('data', (text) => (output += text));
  const port = await eventually('port-forward listens', 60, async () => /127.0.0.1:(\d+)/.exec(output)?.[1]);
  const forwarded = () => fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(3000) });
  await expect.poll(async () => (await forwarded()).text(), WITHIN_A_MINUTE).toBe(GREETING);

  // Admission: the API server calls a Service of the tenant. While the webhook is down it refuses too, with another text.
  const denied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { denied: 'yes' } } };
  const create = () => kubectl(['create', '-f', '-'], { input: JSON.stringify(denied) });
  await expect.poll(() => create().catch(String), WITHIN_A_MINUTE).toContain(REFUSAL);
  expect(await kubectl(['get', 'configmap', 'a', '--ignore-not-found'])).toBe('');
});
