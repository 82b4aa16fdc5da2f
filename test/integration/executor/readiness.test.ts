import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canBeUnready } from '#executor/deployers/readiness/kinds.ts';
import type { LiveObject } from '#executor/deployers/readiness/readiness.ts';
import { readinessOf } from '#executor/deployers/readiness/status.ts';
import { type ApiServer, startApiServer } from '../apiserver.ts';
import type { Case } from './readiness/case.ts';
import { CASES } from './readiness/cases.ts';
import { definition } from './readiness/custom.ts';

const NAMESPACE = 'readiness';
const objectOf = ({ object }: Case, index: number) => ({
  ...object,
  metadata: { name: `case-${index}`, ...(object['metadata'] as object) },
});
const OBJECTS = CASES.map(objectOf);

let server: ApiServer;
let directory: string;
/** What `helm --wait` says of each object that is not ready, by kind and name. */
const helmSays = new Map<string, string>();

const run = (program: string, args: string[], input = '') =>
  execa(`.local/bin/${program}`, args, { env: { KUBECONFIG: server.kubeconfig }, input, reject: false });
async function kubectl(args: string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await run('kubectl', ['-n', NAMESPACE, ...args], input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

// No controller changes the statuses: this API server has none. One helm waits for all cases and lists what is not ready.
beforeAll(async () => {
  server = await startApiServer();
  directory = await mkdtemp(join(tmpdir(), 'pinion-readiness-'));
  await mkdir(join(directory, 'templates'));
  await writeFile(join(directory, 'Chart.yaml'), 'apiVersion: v2\nname: cases\nversion: 1.0.0\n');
  const manifest = OBJECTS.map((object) => JSON.stringify(object)).join('\n---\n');
  await writeFile(join(directory, 'templates/cases.yaml'), manifest);
  await run('kubectl', ['create', 'namespace', NAMESPACE]);
  await kubectl(['create', '-f', '-'], JSON.stringify(definition('widgets', 'Widget')));
  await kubectl(['wait', '--for=condition=Established', 'crd/widgets.example.com']);
  const upgrade = ['upgrade', '--install', '-n', NAMESPACE, 'cases', directory];
  const first = await run('helm', upgrade);
  expect(first.stderr).not.toContain('Error');
  for (const [index, { status, deleted }] of CASES.entries()) {
    const { kind, metadata } = OBJECTS[index] as unknown as LiveObject;
    if (deleted) await kubectl(['delete', kind, metadata.name, '--wait=false']);
    if (!status) continue;
    const patch = JSON.stringify({ status });
    await kubectl(['patch', kind, metadata.name, '--subresource=status', '--type=merge', '-p', patch]);
  }
  const second = await run('helm', [...upgrade, '--wait=watcher', '--timeout=8s']);
  const lines = second.stderr.matchAll(/resource (\w+)\/\S*\/(\S+) not ready\. status: (\w+)/g);
  for (const [, kind, name, status] of lines) helmSays.set(`${kind} ${name}`, String(status));
}, 300_000);

afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

test.for(CASES.map((one, index) => ({ ...one, index })))(
  '$name is $is, for helm as for the executor',
  async ({ is, index }) => {
    const { kind, metadata } = OBJECTS[index] as unknown as LiveObject;
    const live = JSON.parse(await kubectl(['get', kind, metadata.name, '-o', 'json'])) as LiveObject;
    // Kinds that can't be unready are not read at all.
    const ours = canBeUnready(live) ? readinessOf(live).is : 'Ready';
    const helms = helmSays.get(`${kind} ${metadata.name}`) ?? 'Ready';
    expect({ ours, helms: helms === 'Terminating' ? 'InProgress' : helms }).toEqual({ ours: is, helms: is });
  },
);
