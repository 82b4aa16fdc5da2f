import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { errorText } from '../command/error-text.ts';
import { offlineBut } from '../command/offline.ts';
import { Failure } from '../failure.ts';
import { prepareChart } from '../source/chart.ts';
import { LIMIT } from '../source/limits.ts';
import { onlyFile } from '../source/only-file.ts';
import { readUnder, resolveSource } from '../source/resolve.ts';
import type { InstallContext, Installed } from './context.ts';
import { classifyHelmError } from './helm-errors.ts';
import { markRevision, readHistory, recoveryOf, wasDeployed } from './history.ts';

/** What Helm has to say why something is not ready, on a machine that is busy. */
const WORDS_MS = 10_000;

type ChartOrder = Extract<WorkOrder['install'], { kind: 'chart' }>;

/** Label of a release's records: the Job that made the revision. */
const JOB_LABEL = 'kosmos.io/executor-job';

/**
 * `helm upgrade --install` of a chart that is on this machine in full.
 * @throws Failure
 */
export async function installChart(context: InstallContext, order: ChartOrder): Promise<Installed> {
  const { config, client, log } = context;
  const { targetNamespace } = context.order;
  const { releaseName: release } = order;
  const found = await resolveSource(config.source(order.chart.slot), order.chart.path, 'the chart source');
  const chart = await prepareChart(found, config.scratch);
  const values = await valuesFiles(context, order);
  log.note(`chart ${chart.name} ${chart.version} as release ${release} in namespace ${targetNamespace}`);

  const history = await readHistory(client, targetNamespace, release);
  const last = history.at(-1);
  const job = jobOf(config.identity);
  if (last?.status === 'deployed' && job && last.labels[JOB_LABEL] === job) {
    return done(`revision ${last.revision} is from an earlier pod of this Job`, last.revision);
  }
  const recovery = recoveryOf(history);
  if (last && recovery) {
    log.note(`revision ${last.revision} was left ${last.status}; going on from it`);
    await markRevision(client, targetNamespace, last, recovery);
  }
  if (!wasDeployed(history)) context.markFirst();
  await helm(context, [
    'upgrade',
    '--install',
    '--namespace',
    targetNamespace,
    // auto would go on with the method of a release that somebody else began; "true" is right for both.
    '--server-side=true',
    // What the author declares is applied, as it is with manifests; a field that somebody else set is taken over.
    '--force-conflicts',
    // Without values Helm would go on with those of the last revision.
    '--reset-values',
    '--history-max=10',
    ...(order.wait ? ['--wait=watcher'] : []),
    `--timeout=${Math.max(1, Math.ceil(context.remaining() / 1000))}s`,
    ...(job ? ['--labels', `${JOB_LABEL}=${job}`] : []),
    ...values.flatMap((path) => ['--values', path]),
    '--',
    release,
    chart.directory,
  ]);
  const revision = (await readHistory(client, targetNamespace, release)).at(-1)?.revision;
  return done('installed', revision);

  function done(how: string, revision: number | undefined): Installed {
    return {
      summary: `release ${release} (${chart.name} ${chart.version}) ${how}${how === 'installed' ? `, revision ${revision}` : ''}`,
      release,
      ...(revision === undefined ? {} : { revision }),
    };
  }
}

async function helm(context: InstallContext, args: string[]): Promise<void> {
  const argv: [string, ...string[]] = ['helm', ...args];
  context.log.command(argv);
  // Helm's own --timeout is for each operation, and begins once it has rendered; this deadline is for all, with a moment
  // for Helm to say why.
  const outcome = await context.run({
    argv,
    env: { ...context.env, ...offlineBut(context.server) },
    cwd: context.config.scratch,
    timeoutMs: context.remaining() + WORDS_MS,
    abort: context.abort,
  });
  if (outcome.ok) return;
  const error = errorText(outcome.stderr) || 'it said nothing';
  if (outcome.ended === 'aborted') throw new Failure('Terminated', 'ended while helm was at work');
  const reason = outcome.ended === 'timeout' ? 'InstallTimeout' : classifyHelmError(outcome.stderr);
  if (/failing loading "https?:/.test(error)) {
    throw new Failure(
      reason,
      `helm: ${error}. A values.schema.json refers to another host, and nothing is downloaded while installing: put that schema into the chart`,
    );
  }
  throw new Failure(
    reason,
    reason === 'InstallTimeout'
      ? `not ready within ${Math.round(context.order.timeoutMs / 1000)} s: ${error}. Look at what is not ready, or give spec.timeout more`
      : `helm: ${error}`,
  );
}

/** Paths for helm's -f, in order. Files of a source are copied, so that none can be a link to something else. */
async function valuesFiles(context: InstallContext, order: ChartOrder): Promise<string[]> {
  const { config } = context;
  const paths: string[] = [];
  for (const [index, file] of order.valuesFiles.entries()) {
    if (file.from === 'order') {
      paths.push(join(config.order, file.key));
      continue;
    }
    const label = 'the values file';
    const found = await resolveSource(config.source(file.source.slot), file.source.path, label);
    const path = await onlyFile(found, /\.(ya?ml|json)$/);
    const copy = join(config.scratch, `values-${index}.yaml`);
    await writeFile(copy, await readUnder(found.root, path, LIMIT.file, label), { mode: 0o600 });
    paths.push(copy);
  }
  return paths;
}

/** The Job of a pod: the pod's name without the five characters that the job controller adds. */
const jobOf = (identity: string) => /^(executor-.+-[0-9]{10})-[a-z0-9]{5}$/.exec(identity)?.[1];
