import { fetchedPlugin, volumePlugin } from '../cluster.ts';
import { compareRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';

export const onePlugin: Scenario = {
  name: 'one-plugin',
  about: 'one plugin, applied → Completed: a chart in a volume, with a Deployment of one pod',
  run: async (context) => ({
    rounds: context.rounds,
    figures: [
      await compareRounds(context, {
        what: 'one plugin from a PersistentVolume, a Deployment of one pod',
        aim: 1,
        count: 1,
        plugin: volumePlugin('pod', context.image),
      }),
    ],
    details: [],
  }),
};

export const fetchedSource: Scenario = {
  name: 'fetched-source',
  about: 'the same with the chart fetched from an HTTPS server of a private CA',
  run: async (context) => ({
    rounds: context.rounds,
    figures: [
      await compareRounds(context, {
        what: 'one plugin fetched over HTTPS with a private CA, a Deployment of one pod',
        aim: 1.3,
        count: 1,
        plugin: fetchedPlugin(context.image),
      }),
    ],
    details: [],
  }),
};
