import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadOf } from '#api/contract/work-order.ts';
import { LIMIT } from '../source/limits.ts';
import { onlyFile } from '../source/only-file.ts';
import { readUnder, resolveSource } from '../source/resolve.ts';
import { textOf } from '../source/text-of.ts';
import { isKeyNamed } from './named-key.ts';
import { prepareChart } from './prepare-chart.ts';
import type { RenderContext, Rendered } from './rendered.ts';
import { helmValues, type Layer } from './values.ts';

/** A chart whose dependencies are all on this machine, and its files of values. Helm runs the templates itself. */
export async function renderChart(context: RenderContext, payload: PayloadOf<'chart'>): Promise<Rendered> {
  const { config, log, order } = context;
  const { slot, path } = payload.chart;
  const source = await resolveSource(config.source(slot), path, 'the chart source');
  const chart = await prepareChart(source, config.scratch);
  const values = await helmValues(context, await layersOf(context, payload, chart.directory));
  log.note(
    `chart ${chart.name} ${chart.version} as release ${payload.releaseName} in namespace ${order.targetNamespace}`,
  );
  return { deployer: 'helm', chart, values, payload };
}

/** The layers of values, in order. Files of a source are copied, so that none can be a link to something else. */
async function layersOf(
  { config }: RenderContext,
  payload: PayloadOf<'chart'>,
  directory: string,
): Promise<Layer[]> {
  const layers: (Layer & { ifNamed?: string | undefined })[] = [];
  for (const [index, file] of payload.valuesFiles.entries()) {
    if (file.from === 'order') {
      layers.push({ file: join(config.order, file.key), ifNamed: file.ifNamed });
      continue;
    }
    if (file.from === 'set') {
      layers.push({ set: JSON.parse(await readFile(join(config.order, file.key), 'utf8')) as string[] });
      continue;
    }
    const label = 'the values file';
    const source = await resolveSource(config.source(file.source.slot), file.source.path, label);
    const path = await onlyFile(source, /\.(ya?ml|json)$/);
    const copy = join(config.scratch, `values-${index}.yaml`);
    const content = await readUnder(source.root, path, LIMIT.file, label);
    await writeFile(copy, textOf(content, path.slice(source.root.length + 1)), { mode: 0o600 });
    layers.push({ file: copy });
  }
  const written = layers.filter(({ ifNamed }) => ifNamed === undefined);
  const given: Layer[] = [];
  for (const { ifNamed, ...layer } of layers) {
    if (ifNamed === undefined || (await isKeyNamed(ifNamed, directory, written))) given.push(layer);
  }
  return given;
}
