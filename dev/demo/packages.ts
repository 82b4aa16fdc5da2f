import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { clone, layout } from '#local/layout.ts';
import { tool } from '../cluster/tools.ts';
import { filesHost } from './names.ts';

export const fixtures = join(clone, 'test', 'fixtures');

/** What the HTTPS server serves: a classic chart repository and a kustomization as an archive. */
export async function packFiles(): Promise<Record<string, Buffer>> {
  const folder = join(layout.root, 'demo', 'files');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const helm = tool('helm', '');
  await helm(['package', join(fixtures, 'charts', 'dashboard'), '--destination', folder]);
  await helm(['repo', 'index', folder, '--url', `https://${filesHost}/`]);
  await execa('tar', ['-czf', join(folder, 'guard.tgz'), '-C', join(fixtures, 'kustomization'), '.']);
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
}
