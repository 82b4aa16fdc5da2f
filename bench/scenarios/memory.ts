import { fetchedPlugin } from '../charts.ts';
import { kubectl } from '../cluster.ts';
import { executorUse } from '../executor-logs.ts';
import { figure } from '../figures.ts';
import { compareRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';

const AIMS: Record<string, number> = { operator: 220, webhook: 190 };

/** Resident MiB (VmRSS, mapped files included) of the main processes of a component's pods. */
async function residentMebibytes(component: string): Promise<number[]> {
  const inSystem = ['-n', 'pinion-system'];
  const selector = `app.kubernetes.io/name=pinion,app.kubernetes.io/component=${component}`;
  const names = await kubectl(['get', 'pods', ...inSystem, '-l', selector, '-o', 'name']);
  return Promise.all(
    names.split('\n').map(async (pod) => {
      const status = await kubectl(['exec', ...inSystem, pod, '--', 'cat', '/proc/1/status']);
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    }),
  );
}

export const memory: Scenario = {
  name: 'memory',
  about: 'resident memory of operator and webhook, peak of the executor without its tools',
  run: async (context) => {
    const peaks: number[] = [];
    await compareRounds(context, {
      what: 'one plugin fetched over HTTPS',
      count: 1,
      plugin: fetchedPlugin(context.image),
      look: async ({ cluster }) => {
        const uses = await executorUse(context.api, cluster);
        peaks.push(Math.max(...uses.map(({ mebibytes }) => mebibytes)));
      },
    });
    const figures = [
      figure({
        what: 'executor without its tools, at its peak (the larger of fetch and install)',
        unit: 'MiB',
        values: peaks,
        aim: 75,
      }),
    ];
    for (const [component, aim] of Object.entries(AIMS)) {
      // The leader is the larger replica: it holds more.
      const values = [Math.max(...(await residentMebibytes(component)))];
      figures.push(figure({ what: `${component}, resident, the larger replica`, unit: 'MiB', values, aim }));
    }
    return { rounds: context.rounds, figures, details: [] };
  },
};
