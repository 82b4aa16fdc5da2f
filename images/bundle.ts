/**
 * Bundles a program for its image: imports resolved, types stripped, a file for each part that is loaded by itself. No
 * image that has a bundle needs node_modules or TypeScript. Used by images/executor/Dockerfile and the local cluster.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** @param root of the clone @param entry relative to it @param target folder that is replaced */
export async function bundle(root: string, entry: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  const build = await rolldown({ input: join(root, entry), platform: 'node', cwd: root });
  await build.write({ dir: target, format: 'esm', comments: false });
  await build.close();
  await writeFile(join(target, 'package.json'), '{ "type": "module" }\n');
}

if (import.meta.main) {
  const [entry = '', target = ''] = process.argv.slice(2);
  await bundle(process.cwd(), entry, target);
}
