/** The images of Pinion and what goes into each. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Program = 'operator' | 'webhook' | 'executor' | 'worker';

/** Source folders of each program; api comes first because all know it. */
export const PROGRAMS: Record<Program, string[]> = {
  operator: ['api', 'kube', 'operator'],
  webhook: ['api', 'kube', 'webhook'],
  executor: ['api', 'executor', 'deploy/catalogue/charts'],
  worker: ['api', 'node-agent'],
};

const READER = ['main.go', 'objects.go', 'values.go'].map((file) => `images/tools/cmd/reader/${file}`);

/** What else an image is made of: its bundler, its Go programs. */
const MADE_OF: Partial<Record<Program, string[]>> = {
  executor: ['images/bundle.ts', 'images/tools/cmd/tools/main.go', ...READER],
  worker: [
    'images/worker-base/Dockerfile',
    'images/tools/cmd/kube/main.go',
    'images/tools/cmd/flanneld/main.go',
  ],
};
const GO_FILES = ['Dockerfile', 'go.mod', 'go.sum'].map((file) => `images/tools/${file}`);

export const programNames = Object.keys(PROGRAMS) as Program[];

/** The name in deploy/ for the image of a program or a component, until a registry is known. */
export const placeholder = (name: string): string => `pinion/${name}`;

async function filesIn(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.ts$|^README\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * A tag that changes when, and only when, the content of the image changes. `also` lists inputs besides the clone's
 * files, like the base image.
 */
export async function contentTag(root: string, program: Program, also: string[] = []): Promise<string> {
  const sources = (await Promise.all(PROGRAMS[program].map((folder) => filesIn(root, folder)))).flat();
  const common = [`images/${program}/Dockerfile`, 'images/modules.ts', 'package.json', 'package-lock.json'];
  const madeOf = MADE_OF[program];
  if (madeOf !== undefined) common.push(...GO_FILES, ...madeOf);
  const hash = createHash('sha256');
  for (const text of also) hash.update(`${text}\0`);
  for (const path of [...sources, ...common.map((name) => join(root, name))].sort())
    hash.update(`${path.slice(root.length)}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 12);
}
