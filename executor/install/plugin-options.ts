import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';
import { KUSTOMIZATION } from './yaml.ts';

const NAME = 'plugin-options';

/**
 * Gives a kustomization the options of the cluster, as the ConfigMap `plugin-options` that its `replacements` can
 * name as their source. It is marked as local, so that kustomize doesn't put it out.
 * @param directory of the kustomization, which is changed: a copy
 */
export async function addPluginOptions(directory: string, options: Record<string, string>): Promise<void> {
  if (Object.keys(options).length === 0) return;
  const file = `pinion-${NAME}.yaml`;
  const annotations = { 'config.kubernetes.io/local-config': 'true' };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, annotations }, data: options };
  await writeFile(join(directory, file), dump(map));
  for (const name of (await readdir(directory)).filter((one) => KUSTOMIZATION.test(one))) {
    const path = join(directory, name);
    const tree = (load(await readFile(path, 'utf8'), { schema: YAML11_SCHEMA }) ?? {}) as {
      resources?: string[];
    };
    await writeFile(path, dump({ ...tree, resources: [...(tree.resources ?? []), file] }));
  }
}
