import { type Count, clientTable, meanCounts, requestDetails, sumOfCounts } from '../audit/count.ts';
import { LOADS, type Load } from '../charts.ts';
import { isLocal } from '../cluster.ts';
import type { Cost } from '../cost.ts';
import { partsTable } from '../cpu.ts';
import { type Figure, figure, medians } from '../figures.ts';
import { type Compared, compareRounds } from './rounds.ts';
import type { Scenario } from './scenario.ts';

const COUNT = 20;

/** Figures of CPU and requests of each install, and the tables that say which part and which client they are of. */
function describeCosts(
  { installs, jobs }: Compared,
  { what, objects }: Load,
): { figures: Figure[]; details: string[] } {
  if (!isLocal) return { figures: [], details: [] };
  const cpu = ({ cpu: parts }: Cost) => Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  const details = [
    'CPU of each install by part (medians):',
    partsTable(medians(installs.map((cost) => cost.cpu)), medians(jobs.map((cost) => cost.cpu))),
  ];
  const figures = [
    figure({
      what: `${what}: CPU of each install`,
      unit: 's',
      values: installs.map(cpu),
      baselines: jobs.map(cpu),
    }),
  ];
  if (installs.every(({ requests }) => requests.length === 0)) {
    return { figures, details: [...details, 'The API server writes no audit log: run `make up`.'] };
  }
  const requests = (costs: readonly Cost[], matches?: (count: Count) => boolean) =>
    costs.map((cost) => sumOfCounts(cost.requests, matches));
  figures.push(
    figure({
      what: `${what}: requests of each install`,
      unit: 'requests',
      values: requests(installs),
      baselines: requests(jobs),
    }),
    figure({
      what: `${what}: requests of each install at the target`,
      unit: 'requests',
      values: requests(installs, ({ side }) => side === 'target'),
      aim: 12 + 2 * objects,
    }),
    figure({
      what: `${what}: requests of each install by the operator`,
      unit: 'requests',
      values: requests(installs, ({ client }) => client === 'operator'),
      aim: 12,
    }),
  );
  const [install, job] = [installs, jobs].map((costs) => meanCounts(costs.map((cost) => cost.requests)));
  const tables = [clientTable(install ?? [], job ?? []), requestDetails(install ?? [], job ?? [])];
  return { figures, details: [...details, 'Requests of each install by client (means):', ...tables] };
}

const twenty = (name: string, load: Load, aim: number): Scenario => ({
  name,
  about: `20 plugins of one VirtualCluster at once: a chart of ${load.what}; CPU by part, requests by client`,
  run: async (context) => {
    const compared = await compareRounds(context, {
      what: `20 plugins at once: ${load.what}`,
      aim,
      count: COUNT,
      plugin: load.plugin(context.image),
    });
    const { figures, details } = describeCosts(compared, load);
    return { rounds: context.rounds, figures: [compared.figure, ...figures], details };
  },
});

export const twentyScenarios: readonly Scenario[] = [
  twenty('twenty-plugins', LOADS.oneObject, 1.45),
  twenty('twenty-with-pods', LOADS.oneWithPod, 1.6),
  twenty('twenty-six-objects', LOADS.sixObjects, 1.6),
  twenty('twenty-six-with-pods', LOADS.sixWithPod, 2.15),
];
