/**
 * Part of `make check`: which room of operator/ imports which, type imports counted too. The linter says the same of
 * one import at a time; only this sees circles that go through types.
 */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** What each room may import, from the foundations up. The files beside the rooms join them and are imported by none. */
export const MAY_IMPORT = {
  host: [],
  access: ['host'],
  'executor-jobs': ['access', 'host'],
  catalogue: ['executor-jobs', 'access', 'host'],
  installations: ['executor-jobs', 'access', 'host'],
  nodes: ['executor-jobs', 'access', 'host'],
  'control-planes': ['executor-jobs', 'access', 'host'],
  'virtual-clusters': [
    'control-planes',
    'nodes',
    'installations',
    'catalogue',
    'executor-jobs',
    'access',
    'host',
  ],
} as const satisfies Record<string, readonly string[]>;
type Room = keyof typeof MAY_IMPORT;

type Import = { from: string; to: string };

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*'([#.][^']+)'/g;

/** The files that a source imports, from the repository's root, whether as types or as values. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(SPECIFIER)].map(([, specifier = '']) => ({
    from: file,
    to: specifier.startsWith('#') ? specifier.slice(1) : posix.join(posix.dirname(file), specifier),
  }));
}

/** The room of a file, `''` for the files beside the rooms, undefined outside operator/. */
function roomOf(file: string): string | undefined {
  const [top, room = '', ...rest] = file.split('/');
  if (top !== 'operator') return undefined;
  return rest.length === 0 ? '' : room;
}

/** A sentence for each import that goes against an arrow. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const [inside, target] = [roomOf(from), roomOf(to)];
    if (inside === undefined || target === undefined || inside === '' || inside === target) return [];
    const allowed: readonly string[] | undefined = MAY_IMPORT[inside as Room];
    if (allowed === undefined)
      return [`${from}: the room operator/${inside} is not in the table of dev/check-rooms.ts`];
    if (allowed.includes(target)) return [];
    const where = target === '' ? 'the files beside the rooms' : `operator/${target}`;
    return [`${from} imports ${to}: operator/${inside} may not import ${where}`];
  });
}

if (import.meta.main) {
  const files = globSync('operator/**/*.ts').filter((file) => !file.endsWith('.test.ts'));
  const wrong = violations(files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8'))));
  for (const line of wrong) console.error(line);
  console.log(`rooms of operator/: ${files.length} files, ${wrong.length} imports against the arrows`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
