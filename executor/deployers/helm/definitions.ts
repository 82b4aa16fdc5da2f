import { readdir } from 'node:fs/promises';
import { OFFLINE } from '../../command/offline.ts';
import { isDefinition, type ManifestObject, readManifests } from '../../render/manifests.ts';
import { valuesArgs } from '../../render/values.ts';
import { LIMIT } from '../../source/limits.ts';
import { failureOf } from '../../target/client.ts';
import type { DeployContext, RenderedFor } from '../context.ts';
import { established } from '../manifests/established.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Creates the definitions of the chart's `crds/` that the target does not have. Helm does that when it installs a release and
 * never when it upgrades one. Those that are there are left as they are, as Helm leaves them.
 * @throws Failure
 */
export async function createMissingDefinitions(
  context: DeployContext,
  rendered: RenderedFor<'helm'>,
): Promise<void> {
  if (!(await mayHaveDefinitions(rendered.chart.directory))) return;
  const { client, log } = context;
  const created: ManifestObject[] = [];
  for (const definition of await definitionsOf(context, rendered)) {
    const { code } = await client.request('GET', `${DEFINITIONS}/${encodeURIComponent(definition.name)}`);
    // Without the right to look, Helm's own answer is what counts.
    if (code !== 404) continue;
    const answer = await client.request('POST', DEFINITIONS, {
      body: definition.text,
      contentType: 'application/yaml',
    });
    if (answer.code !== 201 && answer.code !== 409) {
      throw failureOf(answer, `CustomResourceDefinition ${definition.name} (${definition.file})`);
    }
    log.note(`CustomResourceDefinition ${definition.name} is new in this version of the chart: created`);
    created.push(definition);
  }
  for (const definition of created) await established(context, definition);
}

/** A subchart may be an archive, which is not looked into. */
async function mayHaveDefinitions(directory: string): Promise<boolean> {
  const paths = await readdir(directory, { recursive: true });
  return paths.some((path) => /(^|\/)crds\/.+\.(ya?ml|json)$|(^|\/)charts\/[^/]+\.tgz$/.test(path));
}

/** As Helm reads them: of the chart and of those subcharts that its values enable. */
async function definitionsOf(
  context: DeployContext,
  { chart, values, payload }: RenderedFor<'helm'>,
): Promise<ManifestObject[]> {
  const { env, config, run, abort, remaining, order, log } = context;
  const rendered = await run({
    argv: [
      ...([
        'helm',
        'template',
        '--include-crds',
        '--is-upgrade',
        '--namespace',
        order.targetNamespace,
      ] as const),
      ...valuesArgs(values),
      ...['--', payload.releaseName, chart.directory],
    ],
    env: { ...env, ...OFFLINE },
    cwd: config.scratch,
    timeoutMs: remaining(),
    abort,
    quiet: true,
    dataLimit: LIMIT.manifests,
  });
  // What does not render, the upgrade says better. What renders only in a cluster has its definitions already, or lacks them.
  if (!rendered.ok) log.note('crds/ of the chart is not looked at: it does not render without the cluster');
  if (!rendered.ok) return [];
  return (await readManifests(context, documentsOf(rendered.stdout))).filter(isDefinition);
}

/** The documents of crds/ in what `helm template` prints: they come first, each with the file it is from. */
export function documentsOf(output: string): { file: string; text: string }[] {
  return output
    .split(/^---\n# Source: /m)
    .map((part) => /^(\S+)\n([\s\S]*)$/.exec(part))
    .flatMap((found) => (found ? [{ file: found[1] ?? '', text: found[2] ?? '' }] : []))
    .filter(({ file }) => /\/crds\//.test(file) && !/\/templates\//.test(file));
}
