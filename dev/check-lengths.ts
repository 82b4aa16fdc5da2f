/** Part of `make check`: no file is longer than one can keep in mind. Schemas are lists, tests are tables. */
import { globSync, readFileSync } from 'node:fs';

const MOST_LINES = 200;
const SCHEMAS = 'api/kinds/';
const SOURCES = '{api,bench,deploy,dev,executor,images,kube,local,node-agent,operator,test,webhook}/**/*.ts';

/** A sentence for a file that is too long. */
export function tooLong(file: string, text: string): string | undefined {
  const lines = text.split('\n').length - 1;
  const isExempt = file.startsWith(SCHEMAS) || file.endsWith('.test.ts');
  if (isExempt || lines <= MOST_LINES) return undefined;
  return `${file}: ${lines} lines, at most ${MOST_LINES}; split it by subject`;
}

if (import.meta.main) {
  const files = globSync(SOURCES, { exclude: (name) => name === 'node_modules' });
  const wrong = files
    .map((file) => tooLong(file, readFileSync(file, 'utf8')))
    .filter((line) => line !== undefined);
  for (const line of wrong) console.error(line);
  console.log(`lengths: ${files.length} files, ${wrong.length} too long`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
