import { systemClock } from '#kube/clock.ts';
import { startHealthServer } from '#kube/health-server.ts';
import { LeaderElection } from '#kube/leader-election.ts';
import { aborted, runProgram } from '#kube/program.ts';
import { readConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { Operator } from './operator.ts';

const LEASE = 'pinion-operator';

await runProgram(
  'operator',
  readConfig(process.argv.slice(2)),
  async ({ config, client, stop, ...context }) => {
    const { identity, namespace } = config;
    const log = context.log.child({ identity });
    const metrics = createMetrics();
    const operator = new Operator({ ...config, client, clock: systemClock, log, metrics });
    const server = await startHealthServer({
      port: config.metricsPort,
      registry: metrics.registry,
      notReady: () => (operator.ready ? [] : ['the caches are not filled yet']),
    });
    log.info({ port: server.port, executorImage: config.executor.image }, 'started');
    // Filled in every replica, so that the next leader can start at once.
    const filled = operator.startCaches(stop.signal);
    const lease = { namespace, name: LEASE };
    const election = new LeaderElection({ client, lease, identity, clock: systemClock, log });
    const outcome = await election.run(stop.signal, async (signal) => {
      await Promise.race([filled, aborted(signal)]);
      if (signal.aborted) return;
      metrics.leads(true);
      await operator.run(signal);
      metrics.leads(false);
    });
    // After a lost Lease reconciles may still be under way: the exit that follows this return ends them.
    void server.close();
    stop.abort();
    client.close();
    return outcome === 'lost' ? 1 : 0;
  },
);
