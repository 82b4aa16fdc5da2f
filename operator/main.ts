import { pino } from 'pino';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { loadConnection } from '#kube/connection.ts';
import { LeaderElection } from '#kube/leader-election.ts';
import { type Config, readConfig, USAGE } from './config.ts';
import { startHealthServer } from './health-server.ts';
import { createMetrics } from './metrics.ts';
import { Operator } from './operator.ts';

const LEASE = 'pinion-operator';
/** What is under way at the end may take so long; the pod's grace period is longer. */
const SHUTDOWN_MS = 15_000;

async function run(config: Config): Promise<number> {
  const log = pino({ level: config.logLevel, base: { program: 'operator', identity: config.identity } });
  const client = new KubeClient(await loadConnection(process.env));
  const metrics = createMetrics();
  const operator = new Operator({ ...config, client, clock: systemClock, log, metrics });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stops');
      stop.abort();
      setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    });
  }
  const { registry } = metrics;
  const server = await startHealthServer({ port: config.metricsPort, registry, ready: () => operator.ready });
  log.info({ port: config.metricsPort, executorImage: config.executor.image }, 'started');
  // Warm in every replica, so that the next leader starts where this one ends.
  const filled = operator.startCaches(stop.signal);
  const lease = { namespace: config.namespace, name: LEASE };
  const election = new LeaderElection({ client, lease, identity: config.identity, clock: systemClock, log });
  const ended = await election.run(stop.signal, async (signal) => {
    await Promise.race([filled, aborted(signal)]);
    if (signal.aborted) return;
    metrics.leads(true);
    await operator.run(signal);
    metrics.leads(false);
  });
  // After a loss reconciles may still be under way: this return is what ends them, by the exit.
  server.close();
  stop.abort();
  client.close();
  return ended === 'lost' ? 1 : 0;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

try {
  const config = readConfig(process.argv.slice(2));
  if (config.help) process.stdout.write(USAGE);
  else process.exit(await run(config));
} catch (error) {
  process.stderr.write(`operator: ${(error as Error).message}\n`);
  process.exit(error instanceof TypeError ? 2 : 1);
}
