/**
 * Which packages a program needs, found by its imports, so that an image holds no more than those.
 * Runs in the images' builds as well: it needs nothing but Node.
 */
import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Packages that TypeScript text imports when it runs: types are gone by then. */
export function importedPackages(text: string): string[] {
  const statements = text.matchAll(
    /(?:^|\n)(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/g,
  );
  const specifiers = [...statements].map(([, from, dynamic]) => from ?? dynamic ?? '');
  return specifiers.filter((specifier) => !/^(node:|[.#/])/.test(specifier)).map(packageOf);
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

async function importsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
  return texts.flatMap(importedPackages);
}

/** Finds a package as Node does: in the node_modules of every folder from `from` up to the root of the clone. */
function locate(root: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === root) return undefined;
  }
}

/**
 * Folders, relative to `root`, of the packages that these source folders import and of what those depend on.
 * @throws when one is not installed.
 */
export async function neededModules(root: string, sources: string[]): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (from: string, name: string, optional: boolean): Promise<void> => {
    const folder = locate(root, from, name);
    if (folder === undefined) {
      if (optional) return;
      throw new Error(
        `${name}, which ${relative(root, from) || 'a program'} needs, is not installed: npm ci`,
      );
    }
    if (found.has(folder)) return;
    found.add(folder);
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
    for (const dependency of Object.keys(dependencies))
      await visit(folder, dependency, dependency in optionalDependencies);
    for (const peer of Object.keys(peerDependencies)) await visit(folder, peer, true);
  };
  for (const source of sources)
    for (const name of await importsOf(join(root, source))) await visit(root, name, false);
  return [...found].map((folder) => relative(root, folder)).sort();
}

/** Files of a package that no program reads. */
const unread =
  /\.(map|md|markdown|flow|d\.ts|d\.mts|d\.cts)$|\/(test|tests|docs|example|examples|\.github)$/i;

/** Copies the needed packages into a new node_modules folder. */
export async function copyModules(root: string, sources: string[], target: string): Promise<void> {
  for (const module of await neededModules(root, sources))
    await cp(join(root, module), join(target, relative('node_modules', module)), {
      recursive: true,
      // Packages below this one come by themselves, if they are needed.
      filter: (path) => {
        const inside = relative(join(root, module), path);
        return !inside.split('/').includes('node_modules') && !unread.test(`/${inside}`);
      },
    });
}

if (import.meta.main) {
  const [target = '', ...sources] = process.argv.slice(2);
  await copyModules(process.cwd(), sources, target);
}
