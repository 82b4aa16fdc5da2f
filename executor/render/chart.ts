import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadOf } from '#api/contract/work-order.ts';
import { LIMIT } from '../source/limits.ts';
import { onlyFile } from '../source/only-file.ts';
import { readUnder, resolveSource } from '../source/resolve.ts';
import { isKeyNamed } from './named-key.ts';
import { prepareChart } from './prepare-chart.ts';
import type { RenderContext, Rendered } from './rendered.ts';

/** A chart whose dependencies are all on this machine, and its files of values. Helm runs the templates itself. */
export async function renderChart(context: RenderContext, payload: PayloadOf<'chart'>): Promise<Rendered> {
  const { config, log, order } = context;
  const { slot, path } = payload.chart;
  const source = await resolveSource(config.source(slot), path, 'the chart source');
  const chart = await prepareChart(source, config.scratch);
  const values = await valuesFiles(context, payload, chart.directory);
  log.note(
    `chart ${chart.name} ${chart.version} as release ${payload.releaseName} in namespace ${order.targetNamespace}`,
  );
  return { deployer: 'helm', chart, values, payload };
}

/** Paths for helm's --values, in order. Files of a source are copied, so that none can be a link to something else. */
async function valuesFiles(
  { config }: RenderContext,
  payload: PayloadOf<'chart'>,
  directory: string,
): Promise<string[]> {
  const files: { path: string; ifNamed?: string | undefined }[] = [];
  for (const [index, file] of payload.valuesFiles.entries()) {
    if (file.from === 'order') {
      files.push({ path: join(config.order, file.key), ifNamed: file.ifNamed });
      continue;
    }
    const label = 'the values file';
    const source = await resolveSource(config.source(file.source.slot), file.source.path, label);
    const path = await onlyFile(source, /\.(ya?ml|json)$/);
    const copy = join(config.scratch, `values-${index}.yaml`);
    await writeFile(copy, await readUnder(source.root, path, LIMIT.file, label), { mode: 0o600 });
    files.push({ path: copy });
  }
  const written = files.filter(({ ifNamed }) => ifNamed === undefined).map(({ path }) => path);
  const given: string[] = [];
  for (const { path, ifNamed } of files) {
    if (ifNamed === undefined || (await isKeyNamed(ifNamed, directory, written))) given.push(path);
  }
  return given;
}
