import { markdownTable } from '../figures.ts';
import {
  type AuditEvent,
  CLIENTS,
  type Client,
  classify,
  isBackground,
  type Request,
  type Scope,
} from './event.ts';

/** How many requests of one kind were sent; a fraction when it is the mean of many installs. */
export type Count = Request & { requests: number };

const keyOf = ({ client, side, verb, resource }: Request) => [client, side, verb, resource].join('\0');

/** Requests by client, side, verb and resource, without the background, divided by the number of installs. */
export function countRequests(events: readonly AuditEvent[], scope: Scope, installs: number): Count[] {
  const counts = new Map<string, Count>();
  for (const event of events) {
    if (isBackground(event, scope)) continue;
    const request = classify(event, scope.targetUser);
    const key = keyOf(request);
    const count = counts.get(key) ?? { ...request, requests: 0 };
    count.requests += 1 / installs;
    counts.set(key, count);
  }
  return [...counts.values()];
}

/** Mean of several rounds; what a round lacks counts as 0. */
export function meanCounts(rounds: readonly (readonly Count[])[]): Count[] {
  const means = new Map<string, Count>();
  for (const count of rounds.flat()) {
    const mean = means.get(keyOf(count)) ?? { ...count, requests: 0 };
    means.set(keyOf(count), { ...mean, requests: mean.requests + count.requests / rounds.length });
  }
  return [...means.values()];
}

/** Requests in all of the counts that `matches` accepts. */
export const sumOfCounts = (
  counts: readonly Count[],
  matches: (count: Count) => boolean = () => true,
): number => counts.filter(matches).reduce((sum, { requests }) => sum + requests, 0);

const number = (requests: number) => (requests === 0 ? '' : requests.toFixed(1));

/** Requests by client: those of an install beside those of an empty Job. */
export function clientTable(install: readonly Count[], job: readonly Count[]): string {
  const row = (name: string, matches: (count: Count) => boolean) => {
    const sums = [
      sumOfCounts(install, (count) => matches(count) && count.side === 'host'),
      sumOfCounts(install, (count) => matches(count) && count.side === 'target'),
      sumOfCounts(job, matches),
    ];
    return sums.some((sum) => sum >= 0.05) ? [[name, ...sums.map(number)]] : [];
  };
  const rows = [
    ...CLIENTS.flatMap((client) => row(client, (count) => count.client === client)),
    ...row('all', () => true),
  ];
  return markdownTable(['client', 'host cluster', 'target cluster', 'an empty Job'], rows);
}

/** Rarer requests are not those of single installs. */
const SHOWN = 0.2;

/** Requests by client, verb and resource, folded away in a page. */
export function requestDetails(install: readonly Count[], job: readonly Count[]): string {
  const keys = new Map([...install, ...job].map((count) => [keyOf(count), count]));
  const rows = [...keys.values()]
    .map((count) => {
      const same = (other: Count) => keyOf(other) === keyOf(count);
      return { ...count, install: sumOfCounts(install, same), job: sumOfCounts(job, same) };
    })
    .filter((row) => Math.max(row.install, row.job) >= SHOWN)
    .sort((a, b) => position(a.client) - position(b.client) || b.install - a.install || b.job - a.job)
    .map((row) => [row.client, row.side, row.verb, row.resource, number(row.install), number(row.job)]);
  const table = markdownTable(['client', 'at', 'verb', 'resource', 'an install', 'an empty Job'], rows);
  return `<details><summary>Requests by client, verb and resource</summary>\n\n${table}\n\n</details>`;
}

const position = (client: Client) => CLIENTS.indexOf(client);
