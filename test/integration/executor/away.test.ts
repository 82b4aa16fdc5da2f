import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { get } from '#test/kubectl.ts';
import { startProxy } from '../kube/proxy.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;

/** An executor whose target is reached by a line that the test can cut for good. */
async function podByProxy() {
  const text = await readFile(inject('kubeconfig'), 'utf8');
  const server = new URL(/server: "?(https:[^"\s]+)/.exec(text)?.[1] ?? '');
  const proxy = await startProxy({ host: server.hostname, port: Number(server.port) });
  const pod = await createPod();
  const through = text.replace(server.host, `${server.hostname}:${proxy.port}`);
  await writeFile(join(pod.directory, 'order/kubeconfig'), through);
  return { pod, proxy };
}

test('a success command that fails because the target is away is no failure of the plugin', async () => {
  const { pod, proxy } = await podByProxy();
  await pod.sources({ 'yaml/a.yaml': aConfigMapOf('there') });
  const verify = { command: 'exit 1', timeoutMs: 8_000 };
  await pod.order({ targetNamespace: 'away-verify', install, verify });
  const { ended } = pod.start('run');
  await expect.poll(() => pod.log(), { timeout: 60_000 }).toContain('==> verify');
  proxy.close();
  const { report, code } = await ended;
  expect(report).toMatchObject({ step: 'verify', reason: 'TargetUnreachable', verified: 'No' });
  expect(code).toBe(32);
});

test('a target that goes away while manifests are applied can be tried again, and the next attempt does the rest', async () => {
  const { pod, proxy } = await podByProxy();
  const many = Array.from({ length: 300 }, (_, i) => aConfigMapOf(`away-${i}`));
  await pod.sources({ 'yaml/a.yaml': many.join('\n---\n') });
  await pod.order({ targetNamespace: 'away-apply', install });
  const { ended } = pod.start('run');
  await expect.poll(() => pod.log(), { timeout: 60_000, interval: 20 }).toContain('away-5 ');
  proxy.close();
  const { report, code } = await ended;
  expect(report?.reason).toBe('TargetUnreachable');
  expect(code).toBe(32);
  await writeFile(join(pod.directory, 'order/kubeconfig'), await readFile(inject('kubeconfig')));
  expect((await pod.start('run').ended).report?.message).toBe('300 objects applied');
  expect(await get('configmap', 'away-299', 'away-apply')).toBeDefined();
});

test('credentials that the target no longer accepts are told from an object that it refuses', async () => {
  const pod = await createPod();
  const text = await readFile(inject('kubeconfig'), 'utf8');
  await writeFile(join(pod.directory, 'order/kubeconfig'), text.replace(/token: .*/, 'token: expired'));
  await pod.sources({ 'yaml/a.yaml': aConfigMapOf('there') });
  await pod.order({ targetNamespace: 'away-expired', install });
  const { report, code } = await pod.start('run').ended;
  expect(report?.reason).toBe('TargetUnauthorized');
  expect(report?.message).toContain('rejects the credentials');
  expect(code).toBe(34);
});
