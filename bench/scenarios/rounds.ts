import { prepare, sweep, volumePlugin } from '../cluster.ts';
import { type Figure, figure } from '../figures.ts';
import { emptyJobs, equip, type Ran } from '../jobs.ts';
import type { Context } from './scenario.ts';

let prepared: Promise<void> | undefined;

/** The namespace with volume and server, once for all scenarios, and one warm run of everything. */
async function prepareOnce({ api, image, progress }: Context): Promise<void> {
  progress('prepares the namespace, the volume and the HTTPS server');
  await prepare(image);
  await emptyJobs(api, image, 1, 'warmup');
  await equip(api, [volumePlugin('pod', image)], 'warmup');
  await sweep();
}

/**
 * `count` plugins at once against as many empty Jobs, in pairs, so that a slower moment of the machine hits both.
 * `look` sees each run before its Jobs are deleted; `around` may measure it.
 */
export async function compareRounds(
  context: Context,
  of: {
    what: string;
    aim?: number;
    count: number;
    plugin: object;
    look?: (ran: Ran) => Promise<void>;
    around?: (work: () => Promise<void>) => Promise<void>;
  },
): Promise<Figure> {
  const { api, image, rounds, progress } = context;
  prepared ??= prepareOnce(context);
  await prepared;
  const { what, aim, count, plugin, look, around = (work) => work() } = of;
  const baselines: number[] = [];
  const values: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const run = `${Date.now().toString(36)}-${round}`;
    const base = await emptyJobs(api, image, count, run);
    let own = Number.NaN;
    await around(async () => {
      own = await equip(
        api,
        Array.from({ length: count }, () => plugin),
        run,
        look,
      );
    });
    await sweep();
    baselines.push(base);
    values.push(own);
    progress(`round ${round} of ${rounds}: ${own.toFixed(2)} s, empty Jobs ${base.toFixed(2)} s`);
  }
  return figure({ what, unit: 's', values, baselines, ...(aim === undefined ? {} : { aim }) });
}
