/** The images of Pinion and what goes into each. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Program = 'operator' | 'webhook' | 'executor';

/** Source folders of each program; api comes first because all know it. */
export const PROGRAMS: Record<Program, string[]> = {
  operator: ['api', 'kube', 'operator'],
  webhook: ['api', 'kube', 'webhook'],
  executor: ['api', 'executor'],
};

/** What the executor's tools are made of, below images/tools. */
const TOOLS = ['Dockerfile', 'go.mod', 'go.sum', 'cmd/tools/main.go'];

export const programNames = Object.keys(PROGRAMS) as Program[];

/** The name that deploy/ has for an image until a registry is known. */
export const placeholder = (program: Program): string => `pinion/${program}`;

async function filesIn(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.ts$|^README\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * A tag that changes whenever something that goes into the image does, and only then. `also` is what the tag
 * depends on besides the clone's files: the base, say.
 */
export async function contentTag(root: string, program: Program, also: string[] = []): Promise<string> {
  const sources = (await Promise.all(PROGRAMS[program].map((folder) => filesIn(root, folder)))).flat();
  const common = [`images/${program}/Dockerfile`, 'images/modules.ts', 'package.json', 'package-lock.json'];
  if (program === 'executor') common.push(...TOOLS.map((file) => `images/tools/${file}`));
  const hash = createHash('sha256');
  for (const text of also) hash.update(`${text}\0`);
  for (const path of [...sources, ...common.map((name) => join(root, name))].sort())
    hash.update(`${path.slice(root.length)}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 12);
}
