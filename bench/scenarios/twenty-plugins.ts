import { volumePlugin } from '../cluster.ts';
import { cpuByPart, type Parts, partsTable } from '../cpu.ts';
import { type ExecutorUse, executorUse } from '../executor-use.ts';
import { median } from '../figures.ts';
import { compareRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';

const COUNT = 20;

export const twentyPlugins: Scenario = {
  name: 'twenty-plugins',
  about: '20 plugins of one VirtualCluster at once, without pods of their own',
  run: async (context) => ({
    rounds: context.rounds,
    figures: [
      await compareRounds(context, {
        what: '20 plugins at once, without pods of their own',
        aim: 1.4,
        count: COUNT,
        plugin: volumePlugin('bare', context.image),
      }),
    ],
    details: [],
  }),
};

/** The median over the rounds of what each part used. */
function medianParts(rounds: readonly Parts[]): Parts {
  const names = new Set(rounds.flatMap((parts) => Object.keys(parts)));
  return Object.fromEntries([...names].map((name) => [name, median(rounds.map((one) => one[name] ?? 0))]));
}

export const twentyWithPods: Scenario = {
  name: 'twenty-with-pods',
  about: 'the same with a Deployment of one pod each, and the CPU seconds of every part of the cluster',
  run: async (context) => {
    const measured: Parts[] = [];
    let uses: ExecutorUse[] = [];
    const figure = await compareRounds(context, {
      what: '20 plugins at once, a Deployment of one pod each',
      count: COUNT,
      plugin: volumePlugin('pod', context.image),
      look: async (cluster) => {
        uses = await executorUse(context.api, cluster);
      },
      around: async (work) => {
        const parts = await cpuByPart(async () => {
          await work();
          return uses;
        });
        measured.push(parts);
      },
    });
    const details = ['CPU seconds of one round, by part (medians):', partsTable(medianParts(measured))];
    return { rounds: context.rounds, figures: [figure], details };
  },
};
