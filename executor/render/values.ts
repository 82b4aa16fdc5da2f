import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeForYaml } from '#api/yaml.ts';
import { LIMIT } from '../source/limits.ts';
import { runReader } from './reader.ts';
import type { ChartValues, RenderContext } from './rendered.ts';

/** One layer of values: a file, or expressions as `helm --set` takes them. Later ones win. */
export type Layer = { file: string } | { set: string[] };

/**
 * Values as helm's command line takes them. Helm would let every --set win over every file, so layers with expressions are
 * merged before, with Helm's own code; without them nothing runs.
 * @throws Failure `RenderFailed`: Helm can't read an expression or a file
 */
export async function helmValues(context: RenderContext, layers: Layer[]): Promise<ChartValues> {
  const files = layers.flatMap((layer) => ('file' in layer ? [layer.file] : []));
  if (files.length === layers.length) return { files, set: [] };
  const text = await runReader(context, 'values', layers, { limit: LIMIT.objects, refused: 'RenderFailed' });
  const [values = '', set = ''] = text.split('\n');
  // In memory: there may be values of Secrets in it.
  const path = join(context.config.memory, 'values.yaml');
  await writeFile(path, escapeForYaml(values), { mode: 0o600 });
  return { files: [path], set: JSON.parse(set) as string[] };
}

/** Values as arguments of helm. */
export const valuesArgs = ({ files, set }: ChartValues): string[] => [
  ...files.flatMap((path) => ['--values', path]),
  ...set.flatMap((expression) => ['--set', expression]),
];
