import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod/mini';
import { readAllYaml } from '#api/yaml.ts';
import { Failure } from '../failure.ts';
import { explainParseError } from '../parse-error.ts';
import { readHelmIgnore } from '../source/helm-ignore.ts';
import { LIMIT } from '../source/limits.ts';
import { listing, type Resolved, readUnder } from '../source/resolve.ts';
import { snapshot } from '../source/snapshot.ts';
import { textOf } from '../source/text-of.ts';

export type Chart = { directory: string; name: string; version: string };

const dependencies = z.nullish(z.array(z.object({ name: z.string() })));
/** Only what is read is copied, and no list becomes a text: aliases could make either endless. */
const chartFile = z.object({
  apiVersion: z.string(),
  name: z.string(),
  version: z.union([z.string(), z.pipe(z.number(), z.transform(String))]),
  dependencies,
});
/** Where charts of apiVersion v1 have their dependencies. */
const requirementsFile = z.object({ dependencies });

/**
 * Puts the chart that a source holds into a directory of its own: a chart directory, one that has a single chart
 * in it, or a .tgz.
 * @throws Failure `SourceInvalid`: no chart, or one whose dependencies are not in its charts/ directory
 */
export async function prepareChart(found: Resolved, scratch: string): Promise<Chart> {
  const into = join(scratch, 'chart');
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  if (found.kind === 'file') {
    await unpack(found, found.path, into);
  } else {
    const names = await readdir(found.path);
    const archives = names.filter((name) => /\.(tgz|tar\.gz)$/.test(name));
    const first = archives[0];
    if (
      !names.includes('Chart.yaml') &&
      archives.length === 1 &&
      first !== undefined &&
      !(await only(found, names))
    ) {
      await unpack(found, join(found.path, first), into);
    } else {
      const directory = names.includes('Chart.yaml') ? found.path : await only(found, names);
      if (directory === undefined) {
        throw new Failure(
          'SourceInvalid',
          `${found.label}: no Chart.yaml here and not exactly one chart below; found ${listing(names)}. Name the chart's directory or .tgz`,
        );
      }
      const ignore = await readHelmIgnore(found.root, directory, found.label);
      await snapshot(found.root, directory, into, found.label, ignore);
    }
  }
  return readChart(into, found.label);
}

async function unpack(found: Resolved, archive: string, into: string): Promise<void> {
  if (!/\.(tgz|tar\.gz|tar)$/.test(archive)) {
    throw new Failure(
      'SourceInvalid',
      `${found.label}: ${basename(archive)} is not a chart; give a directory or a .tgz`,
    );
  }
  // The copy is what is checked and unpacked, whoever writes to the volume.
  const copy = join(into, '..', basename(archive));
  await writeFile(copy, await readUnder(found.root, archive, LIMIT.chart, found.label));
  const { extractArchive } = await import('../source/extract.ts');
  await extractArchive(copy, into);
}

/** The one sub-directory that is a chart. */
async function only(found: Resolved, names: string[]): Promise<string | undefined> {
  const charts: string[] = [];
  for (const name of names) {
    const inner = join(found.path, name);
    const is = await stat(join(inner, 'Chart.yaml')).catch(() => undefined);
    if (is?.isFile()) charts.push(inner);
  }
  return charts.length === 1 ? charts[0] : undefined;
}

async function readChart(top: string, label: string): Promise<Chart> {
  const names = await readdir(top);
  const first = names[0];
  const directory =
    !names.includes('Chart.yaml') && names.length === 1 && first !== undefined ? join(top, first) : top;
  const content = await readFile(join(directory, 'Chart.yaml')).catch((cause: unknown) => {
    throw new Failure('SourceInvalid', `${label}: it has no Chart.yaml, so it is not a chart`, { cause });
  });
  const parsed = parse(chartFile, content, `${label}: Chart.yaml`);
  const v1 = await readFile(join(directory, 'requirements.yaml')).catch(() => new Uint8Array());
  const requirements = parse(requirementsFile, v1, `${label}: requirements.yaml`);
  const named = [...(parsed.dependencies ?? []), ...(requirements.dependencies ?? [])];
  const wanted = [...new Set(named.map(({ name }) => name))];
  const missing = wanted.length === 0 ? [] : missingOf(wanted, await vendored(directory));
  if (missing.length > 0) {
    throw new Failure(
      'SourceInvalid',
      `${label}: chart ${parsed.name} depends on ${missing.join(', ')}, not in its charts/ directory; run helm dependency build before you store it (nothing is downloaded while installing)`,
    );
  }
  return { directory, name: parsed.name, version: parsed.version };
}

/** Nothing at all is an empty mapping. */
function parse<T>(schema: z.ZodMiniType<T>, content: Uint8Array, what: string): T {
  const text = textOf(content, what);
  try {
    return schema.parse(readAllYaml(text)[0] ?? {});
  } catch (cause) {
    throw new Failure('SourceInvalid', `${what} is invalid: ${explainParseError(cause)}`, { cause });
  }
}

/** Directories by the name in their Chart.yaml; archives by their file name, which ends in a version. */
async function vendored(directory: string): Promise<{ names: Set<string>; archives: string[] }> {
  const charts = join(directory, 'charts');
  const entries = await readdir(charts, { withFileTypes: true }).catch(() => []);
  const names = new Set<string>();
  for (const entry of entries.filter((one) => one.isDirectory())) {
    names.add(entry.name);
    const text = await readFile(join(charts, entry.name, 'Chart.yaml'), 'utf8').catch(() => '');
    const name = /^name:\s*["']?([^\s"'#]+)/m.exec(text)?.[1];
    if (name) names.add(name);
  }
  const archives = entries.filter((one) => one.isFile() && one.name.endsWith('.tgz')).map((one) => one.name);
  return { names, archives };
}

const missingOf = (wanted: string[], { names, archives }: Awaited<ReturnType<typeof vendored>>) =>
  wanted.filter((name) => !names.has(name) && !archives.some((file) => file.startsWith(`${name}-`)));
