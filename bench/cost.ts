import { setTimeout as delay } from 'node:timers/promises';
import { layout } from '#local/layout.ts';
import type { Api } from './api.ts';
import { type Count, countRequests } from './audit/count.ts';
import { classify, isBackground, parseEvents } from './audit/event.ts';
import { endOfLog, type Position, readLog } from './audit/log.ts';
import { type CpuTimes, readCpuTimes } from './cgroups.ts';
import { isLocal } from './cluster.ts';
import { type Parts, partOfPods, partsOf } from './cpu.ts';
import { executorUse, untilKept } from './executor-logs.ts';
import type { Look, Ran } from './jobs.ts';
import { NAMESPACE, TARGET_USER } from './names.ts';

/** What each of `count` installs (or empty Jobs) cost on average. Empty where the cluster does not tell. */
export type Cost = { cpu: Parts; requests: Count[] };

/** Pinion's own namespaces are in it: what the operator writes there for an install counts. */
const SCOPE = { targetUser: TARGET_USER, namespaces: [NAMESPACE, 'pinion-system', 'pinion-jobs'] };
/** Clients that are never at rest, or that the benchmarks are themselves. */
const RESTLESS = new Set(['API server', 'cluster add-ons', 'bench', 'others']);
const REST_MS = 2000;
const POLL_MS = 400;
const LIMIT_MS = 30_000;

/** Waits until no part of the cluster has sent a request for two seconds; at most half a minute. */
export async function untilQuiet(): Promise<void> {
  let position = isLocal ? await endOfLog(layout.auditLog) : undefined;
  const began = Date.now();
  for (let active = began; Date.now() - active < REST_MS && Date.now() - began < LIMIT_MS; ) {
    await delay(POLL_MS);
    if (position === undefined) continue;
    // The end first: what is written meanwhile is read twice, and nothing is missed.
    const end = await endOfLog(layout.auditLog);
    const events = parseEvents(await readLog(layout.auditLog, position), began, Date.now());
    position = end ?? position;
    if (events.some((event) => event.verb !== 'watch' && isWork(event))) active = Date.now();
  }
}

const isWork = (event: Parameters<typeof classify>[0]) =>
  !isBackground(event, SCOPE) && !RESTLESS.has(classify(event, TARGET_USER).client);

const IDLE_SECONDS = 10;
let idleParts: Promise<Parts> | undefined;

/** CPU seconds by part in one second of a cluster at rest, measured once. */
function cpuAtRest(): Promise<Parts> {
  idleParts ??= (async () => {
    await untilQuiet();
    const before = await readCpuTimes();
    await delay(IDLE_SECONDS * 1000);
    const parts = partsOf(before, await readCpuTimes(), await partOfPods(), []);
    return mapParts(parts, (seconds) => seconds / IDLE_SECONDS);
  })();
  return idleParts;
}

const mapParts = (parts: Parts, change: (seconds: number, part: string) => number): Parts =>
  Object.fromEntries(Object.entries(parts).map(([part, seconds]) => [part, change(seconds, part)]));

type Before = { idle: Parts; cpu: CpuTimes; log: Position | undefined; at: number };

/** Seconds of a run, and what it cost. */
export type Measured = { seconds: number; cost: Cost };

/**
 * Runs `work`, and measures from its start until logs are kept and the cluster is quiet after what it calls its end.
 * `seconds` is the time of the work alone. On a cluster that is not the local one it is all that is known.
 */
export async function measureCost(
  api: Api,
  count: number,
  work: (look: Look) => Promise<void>,
): Promise<Measured> {
  const before = await readBefore();
  let ran: Ran | undefined;
  let cost: Cost = { cpu: {}, requests: [] };
  await work(async (finished) => {
    ran = finished;
    if (isLocal && finished.cluster !== '') await untilKept(api, finished.cluster, count);
    await untilQuiet();
    if (isLocal) cost = await costSince(api, before, finished, count);
  });
  if (ran === undefined) throw new Error('the work ended without a run');
  return { seconds: (ran.ended - ran.began) / 1000, cost };
}

const readBefore = async (): Promise<Before> => ({
  idle: isLocal ? await cpuAtRest() : {},
  log: await endOfLog(layout.auditLog),
  at: Date.now(),
  cpu: await readCpuTimes(),
});

async function costSince(api: Api, before: Before, ran: Ran, count: number): Promise<Cost> {
  const after = await readCpuTimes();
  const until = Date.now();
  const text = before.log === undefined ? '' : await readLog(layout.auditLog, before.log);
  // Last, because these are requests as well.
  const executors = ran.cluster === '' ? [] : await executorUse(api, ran.cluster);
  const parts = partsOf(before.cpu, after, await partOfPods(), executors);
  const elapsed = (until - before.at) / 1000;
  return {
    cpu: mapParts(parts, (seconds, part) => (seconds - (before.idle[part] ?? 0) * elapsed) / count),
    requests: countRequests(parseEvents(text, before.at, until), SCOPE, count),
  };
}
