import { fetchedPlugin, LOADS, type Load } from '../charts.ts';
import { stepsOf } from '../executor-logs.ts';
import { type Figure, medians, shareTable } from '../figures.ts';
import { compareRounds } from './rounds.ts';
import type { Context, Scenario } from './scenario.ts';

type Measurement = { what: string; aim?: number; plugin: object };

/** The figure of one plugin, and a table of the seconds of each step. */
async function measure(context: Context, measurement: Measurement): Promise<[figure: Figure, steps: string]> {
  const rounds: Record<string, number>[] = [];
  const { figure } = await compareRounds(context, {
    ...measurement,
    count: 1,
    look: async (ran) => {
      rounds.push(await stepsOf(context.api, ran));
    },
  });
  return [figure, shareTable('step', Object.entries(medians(rounds)))];
}

const fromVolume = ({ image }: Context, { what, plugin }: Load) => ({
  what: `one plugin: ${what}`,
  plugin: plugin(image),
});

export const onePlugin: Scenario = {
  name: 'one-plugin',
  about: 'one plugin from a volume, applied → Completed: charts of one and of six objects',
  run: async (context) => {
    const [withPod, steps] = await measure(context, { ...fromVolume(context, LOADS.oneWithPod), aim: 0.65 });
    const figures = [withPod];
    for (const load of [LOADS.oneObject, LOADS.sixObjects, LOADS.sixWithPod]) {
      figures.push((await measure(context, fromVolume(context, load)))[0]);
    }
    return {
      rounds: context.rounds,
      figures,
      details: [`Steps with ${LOADS.oneWithPod.what} (medians):`, steps],
    };
  },
};

export const fetchedSource: Scenario = {
  name: 'fetched-source',
  about: 'one plugin fetched from an HTTPS server with a private CA: a Deployment of one pod',
  run: async (context) => {
    const [figure, steps] = await measure(context, {
      what: 'one plugin fetched over HTTPS with a private CA: a Deployment of one pod',
      aim: 1.3,
      plugin: fetchedPlugin(context.image),
    });
    return { rounds: context.rounds, figures: [figure], details: ['Steps (medians):', steps] };
  },
};
