import { execa } from 'execa';
import { expect, test } from 'vitest';
import { kubectl } from '#test/kubectl.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;

async function aPod(namespace: string, command: string, timeoutMs: number) {
  const pod = await createPod();
  await pod.sources({ 'yaml/a.yaml': aConfigMapOf('judged') });
  await pod.order({
    targetNamespace: namespace,
    install,
    verify: { command, timeoutMs },
    options: { 'storage-class': 'fast' },
  });
  return pod;
}

test('the command is tried until it exits 0, with the environment that it was promised', async () => {
  const pod = await aPod(
    'verify-a',
    'test "$PLUGIN_OPTION_STORAGE_CLASS $PINION_PLUGIN" = "fast web" && kubectl get configmap -n $PINION_TARGET_NAMESPACE ready',
    120_000,
  );
  const running = pod.start('run');
  await expect
    .poll(() => kubectl(['get', 'configmap', 'judged', '-n', 'verify-a', '--ignore-not-found']), {
      timeout: 60_000,
    })
    .not.toBe('');
  await kubectl(['create', 'configmap', 'ready', '-n', 'verify-a']);
  const { report, log, code } = await running.ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', verified: 'Yes' });
  expect(code).toBe(0);
});

test('a command that never succeeds is reported with its last output, and is killed with its children', async () => {
  const child = `sleep 300.${process.pid}`;
  const children = async () => (await execa('pgrep', ['-xf', child], { reject: false })).stdout;
  const command = `echo "two of three are ready" >&2; ${child} & sleep 1; exit 3`;
  const pod = await aPod('verify-b', command, 8000);
  const running = pod.start('run');
  await expect.poll(children, { timeout: 60_000 }).not.toBe('');
  const { report, code, log } = await running.ended;
  expect(await children()).toBe('');
  expect(code).toBe(41);
  expect(report).toMatchObject({ step: 'verify', reason: 'VerifyTimeout', verified: 'No' });
  expect(report?.message).toContain('It printed: two of three are ready');
  // The deadline may cut the last try, which is then logged as another.
  expect(report?.message).toMatch(/last exit (3|forced at the deadline)/);
  // What is printed again and again is in the log once.
  expect(log.match(/\| exit 3/g)).toHaveLength(1);
});

test('a secret of the kubeconfig is masked in what the command prints', async () => {
  const pod = await aPod('verify-c', 'cat "$KUBECONFIG"; grep token "$KUBECONFIG" | base64 -w0', 60_000);
  const { log, message } = await pod.start('run').ended;
  const token = /token: (\S+)/.exec(await kubectl(['config', 'view', '--raw']))?.[1] ?? '';
  expect(token).not.toBe('');
  expect(log).toContain('token: ***');
  expect(log + message).not.toContain(token);
  expect(log + message).not.toContain(Buffer.from(token).toString('base64').slice(4, -4));
});

test('with PINION_LOG_FORMAT=json every line is JSON', async () => {
  const pod = await aPod('verify-d', 'true', 60_000);
  const { log } = await pod.start('run', { PINION_LOG_FORMAT: 'json' }).ended;
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; reason?: string });
  expect(lines.at(-1)).toMatchObject({ event: 'result', reason: 'Succeeded' });
});

test('SIGTERM while the command is tried ends with Terminated, at once', async () => {
  const pod = await aPod('verify-e', 'kubectl get configmap -n verify-e never', 180_000);
  const running = pod.start('run');
  await expect
    .poll(() => kubectl(['get', 'lease,configmap', '-n', 'verify-e', '-o', 'name', '--ignore-not-found']), {
      timeout: 60_000,
    })
    .toMatch(/judged/);
  await new Promise((resume) => setTimeout(resume, 500));
  const began = Date.now();
  running.kill('SIGTERM');
  const { code, report } = await running.ended;
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(code).toBe(143);
  expect(report?.reason).toBe('Terminated');
});

test('a missing work order is a usage error', async () => {
  const pod = await createPod();
  const { code, report } = await pod.start('run').ended;
  expect(code).toBe(2);
  expect(report?.message).toContain('no valid work order');
});
