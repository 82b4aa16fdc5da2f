import { LOADS } from '../charts.ts';
import { prepare, sweep } from '../cluster.ts';
import { type Cost, type Measured, measureCost, untilQuiet } from '../cost.ts';
import { type Figure, figure } from '../figures.ts';
import { emptyJobs, equip, type Look, type Ran, untilPodsAreGone } from '../jobs.ts';
import type { Context } from './scenario.ts';

let prepared: Promise<void> | undefined;
const ignore: Look = async () => undefined;

/** The namespace with volume and server, once for all scenarios, and one warm run of everything. */
async function prepareOnce({ api, image, progress }: Context): Promise<void> {
  progress('preparing the namespace, the volume and the HTTPS server');
  await prepare(api, image);
  await emptyJobs(api, image, 1, 'warmup', ignore);
  await equip(api, [LOADS.sixWithPod.plugin(image)], 'warmup', ignore);
  await cleanUp({ api });
}

/** Removes what a run left, and waits for the end of its pods and of all work that this causes. */
async function cleanUp({ api }: Pick<Context, 'api'>): Promise<void> {
  await sweep();
  await untilPodsAreGone(api);
  await untilQuiet();
}

/** What is compared with empty Jobs; `look` sees each run before its Jobs are deleted. */
type Comparison = {
  what: string;
  aim?: number;
  /** Plugins of one VirtualCluster, installed at once; and as many empty Jobs. */
  count: number;
  plugin: object;
  look?: Look;
};

/** The ratio of the times, and what each round cost for an install and for an empty Job. */
export type Compared = { figure: Figure; installs: Cost[]; jobs: Cost[] };

/** Measures plugins and empty Jobs in turns, so that a slower moment of the machine affects both. */
export async function compareRounds(context: Context, comparison: Comparison): Promise<Compared> {
  const { api, image, rounds, progress } = context;
  const { what, aim, count, plugin, look = ignore } = comparison;
  prepared ??= prepareOnce(context);
  await prepared;
  const plugins = Array.from({ length: count }, () => plugin);
  const measured: { job: Measured; install: Measured }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const run = `${Date.now().toString(36)}-${round}`;
    const job = await measureCost(api, count, (end) => emptyJobs(api, image, count, run, end));
    await cleanUp(context);
    const install = await measureCost(api, count, (end) =>
      equip(api, plugins, run, async (ran: Ran) => {
        await end(ran);
        await look(ran);
      }),
    );
    await cleanUp(context);
    measured.push({ job, install });
    const times = [install, job].map(({ seconds }) => seconds.toFixed(2));
    progress(`round ${round} of ${rounds}: ${times[0]} s, empty Jobs ${times[1]} s`);
  }
  return {
    figure: figure({
      what,
      unit: 's',
      values: measured.map(({ install }) => install.seconds),
      baselines: measured.map(({ job }) => job.seconds),
      ...(aim === undefined ? {} : { aim }),
    }),
    installs: measured.map(({ install }) => install.cost),
    jobs: measured.map(({ job }) => job.cost),
  };
}
