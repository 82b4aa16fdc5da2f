/** Records of a tenant in `.local/demo`: its kubeconfig, and how long it took to come up. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '#local/layout.ts';
import type { Tool } from '../cluster/tools.ts';
import type { Milestones } from './milestones.ts';
import type { TenantDemo } from './tenants.ts';

const folder = join(layout.root, 'demo');

/** Times of the tenant with this uid. */
export async function readTimes({ name }: TenantDemo, uid: string): Promise<Milestones | undefined> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => '{}');
  const record = JSON.parse(text) as { uid?: string; milestones?: Milestones };
  return record.uid === uid ? record.milestones : undefined;
}

export async function writeTimes({ name }: TenantDemo, uid: string, milestones: Milestones): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), JSON.stringify({ uid, milestones }));
}

/** Writes the tenant owner's kubeconfig from its Secret. @returns the path */
export async function writeKubeconfig(kubectl: Tool, { name, namespace }: TenantDemo): Promise<string> {
  const key = 'jsonpath={.data.kubeconfig}';
  const encoded = await kubectl(['get', 'secret', `${name}-kubeconfig`, '-n', namespace, '-o', key]);
  const path = join(folder, `${name}.kubeconfig`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, Buffer.from(encoded, 'base64'), { mode: 0o600 });
  return path;
}
