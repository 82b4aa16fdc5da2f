import { volumePlugin } from '../cluster.ts';
import { cpuByPart, type Parts, partsTable } from '../cpu.ts';
import { type ExecutorUse, executorUse } from '../executor-logs.ts';
import { medians, type Result } from '../figures.ts';
import { compareRounds } from './rounds.ts';
import type { Context, Scenario } from './scenario.ts';

const COUNT = 20;

/** Twenty at once against twenty empty Jobs, and the CPU seconds of every part of the cluster. */
async function profiled(
  context: Context,
  of: { what: string; aim?: number; plugin: object },
): Promise<Result> {
  const measured: Parts[] = [];
  let uses: ExecutorUse[] = [];
  const figure = await compareRounds(context, {
    ...of,
    count: COUNT,
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
}

export const twentyPlugins: Scenario = {
  name: 'twenty-plugins',
  about: '20 plugins of one VirtualCluster at once, without pods of their own; CPU seconds of every part',
  run: (context) =>
    profiled(context, {
      what: '20 plugins at once, without pods of their own',
      aim: 1.4,
      plugin: volumePlugin('bare', context.image),
    }),
};

export const twentyWithPods: Scenario = {
  name: 'twenty-with-pods',
  about: 'the same with a Deployment of one pod each',
  run: (context) =>
    profiled(context, {
      what: '20 plugins at once, a Deployment of one pod each',
      plugin: volumePlugin('pod', context.image),
    }),
};
