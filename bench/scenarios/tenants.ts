import { availableMebibytes } from '../cgroups.ts';
import { type Figure, figure, markdownTable, median, shareTable } from '../figures.ts';
import { bringUp, memoryByTenant, type Phases, prepareTenants, takeDown, timeline } from '../tenants.ts';
import type { Scenario } from './scenario.ts';

const STEPS = [
  ['Initialized', 'API answers', 15],
  ['AllNodeReady', 'its worker node is Ready', 45],
  ['Completed', 'every default plugin is installed', 75],
] as const;

/** A figure for each phase, from all tenants that were created. */
const phaseFigures = (prefix: string, all: readonly Phases[], aims: boolean): Figure[] =>
  STEPS.map(([phase, means, aim]) =>
    figure({
      what: `${prefix}: applied → ${phase} (${means})`,
      unit: 's',
      values: all.map((phases) => phases[phase] ?? Number.NaN),
      ...(aims ? { aim } : {}),
    }),
  );

/** A table of the seconds that each phase took. */
function shares(all: readonly Phases[]): string {
  let before = all.map(() => 0);
  const rows = STEPS.map(([phase]) => {
    const now = all.map((phases) => phases[phase] ?? Number.NaN);
    const took = median(now.map((seconds, i) => seconds - (before[i] ?? 0)));
    before = now;
    return [`until ${phase}`, took] as const;
  });
  return shareTable('step', rows);
}

export const tenant: Scenario = {
  name: 'tenant',
  about: 'a managed cluster: control plane, one worker pod, default plugins, and its removal',
  run: async ({ api, rounds, progress }) => {
    await prepareTenants();
    const all: Phases[] = [];
    const removals: number[] = [];
    let events: [string, number][] = [];
    for (let round = 1; round <= rounds; round++) {
      const name = `tenant-${round}`;
      const phases = await bringUp(api, name);
      events = await timeline(api, name);
      const removal = await takeDown(name);
      all.push(phases);
      removals.push(removal);
      const times = STEPS.map(([phase]) => `${phase} ${phases[phase]?.toFixed(1)} s`).join(', ');
      progress(`round ${round} of ${rounds}: ${times}, deleted in ${removal.toFixed(1)} s`);
    }
    const removed = figure({ what: 'deleted → gone', unit: 's', values: removals });
    const figures = [...phaseFigures('one tenant', all, true), removed];
    const table = markdownTable(
      ['second', 'what'],
      events.map(([what, second]) => [String(second), what]),
    );
    const details = [
      'Where the time goes:',
      shares(all),
      'The last round, by the times in its objects:',
      table,
    ];
    return { rounds, figures, details };
  },
};

const MANY = 10;
/** Ten of 500m would be more than three nodes of two processors have, beside their control planes. */
const SMALL = '250m';

export const tenTenants: Scenario = {
  name: 'ten-tenants',
  about: 'ten managed clusters at once, each with a worker pod of 250m and 512Mi; memory of each',
  run: async ({ api, progress }) => {
    await prepareTenants();
    const names = Array.from({ length: MANY }, (_, i) => `tenant-${i}`);
    const free = await availableMebibytes();
    const all = await Promise.all(
      names.map(async (name) => {
        const phases = await bringUp(api, name, SMALL);
        progress(`${name}: Completed after ${phases.Completed?.toFixed(1)} s`);
        return phases;
      }),
    );
    const taken = (free - (await availableMebibytes())) / MANY;
    const memory = [...(await memoryByTenant()).values()];
    await Promise.all(names.map(takeDown));
    const figures = [
      ...phaseFigures('ten tenants at once, each', all, false),
      figure({
        what: 'control plane of a tenant',
        unit: 'MiB',
        values: memory.map(({ controlPlane }) => controlPlane),
      }),
      figure({ what: 'worker pod of a tenant', unit: 'MiB', values: memory.map(({ worker }) => worker) }),
      figure({ what: 'taken from the machine for each tenant', unit: 'MiB', values: [taken] }),
    ];
    const details = ['Memory of pods is proportional (PSS): what several share is counted once in all.'];
    return { rounds: 1, figures, details };
  },
};
