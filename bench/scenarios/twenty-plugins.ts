import { volumePlugin } from '../cluster.ts';
import { cpuByPart, type Parts, partsTable } from '../cpu.ts';
import { type ExecutorUse, executorUse } from '../executor-logs.ts';
import { medians } from '../figures.ts';
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
      look: async ({ cluster }) => {
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
    const details = ['CPU seconds of one round, by part (medians):', partsTable(medians(measured))];
    return { rounds: context.rounds, figures: [figure], details };
  },
};
