import { fetchedPlugin, volumePlugin } from '../cluster.ts';
import { stepsOf } from '../executor-logs.ts';
import { medians, type Result, shareTable } from '../figures.ts';
import { compareRounds } from './rounds.ts';
import type { Context, Scenario } from './scenario.ts';

async function measure(context: Context, of: { what: string; aim: number; plugin: object }): Promise<Result> {
  const rounds: Record<string, number>[] = [];
  const figure = await compareRounds(context, {
    ...of,
    count: 1,
    look: async (ran) => {
      rounds.push(await stepsOf(context.api, ran));
    },
  });
  const table = shareTable('step', Object.entries(medians(rounds)));
  return { rounds: context.rounds, figures: [figure], details: ['Where the time goes (medians):', table] };
}

export const onePlugin: Scenario = {
  name: 'one-plugin',
  about: 'one plugin, applied → Completed: a chart in a volume, with a Deployment of one pod',
  run: (context) =>
    measure(context, {
      what: 'one plugin from a PersistentVolume, a Deployment of one pod',
      aim: 1,
      plugin: volumePlugin('pod', context.image),
    }),
};

export const fetchedSource: Scenario = {
  name: 'fetched-source',
  about: 'the same with the chart fetched from an HTTPS server of a private CA',
  run: (context) =>
    measure(context, {
      what: 'one plugin fetched over HTTPS with a private CA, a Deployment of one pod',
      aim: 1.3,
      plugin: fetchedPlugin(context.image),
    }),
};
