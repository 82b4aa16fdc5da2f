import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { Result } from '#kube/work-queue.ts';

/** The operator's Prometheus metrics, in a registry of their own. */
export type Metrics = {
  registry: Registry;
  reconciled(controller: string, result: Result): void;
  /** Observes an action of an installation that ended between two statuses. */
  finished(before: PluginInstallationStatus | undefined, after: PluginInstallationStatus): void;
  leads(is: boolean): void;
  watchDepth(queue: string, depth: () => number): void;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const reconciles = new Counter({
    name: 'pinion_reconcile_total',
    help: 'Reconciles by controller and result.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const durations = new Histogram({
    name: 'pinion_plugin_install_duration_seconds',
    help: 'From the creation of a Job to its end, by result.',
    labelNames: ['result'],
    buckets: [1, 2, 3, 5, 8, 13, 20, 40, 60, 120, 300, 600, 1800],
    registers,
  });
  const leader = new Gauge({ name: 'pinion_leader', help: '1 when this replica is the leader.', registers });
  const depths = new Map<string, () => number>();
  new Gauge({
    name: 'pinion_workqueue_depth',
    help: 'Names in the work queue that wait for a worker.',
    labelNames: ['queue'],
    registers,
    collect() {
      for (const [queue, depth] of depths) this.set({ queue }, depth());
    },
  });
  return {
    registry,
    reconciled: (controller, result) => reconciles.inc({ controller, result }),
    finished(before, { phase = 'Pending', startTime, completionTime }) {
      if (!startTime || !completionTime || before?.completionTime === completionTime) return;
      const seconds = (Date.parse(completionTime) - Date.parse(startTime)) / 1000;
      durations.observe({ result: phase }, Math.max(0, seconds));
    },
    leads: (is) => leader.set(is ? 1 : 0),
    watchDepth: (queue, depth) => depths.set(queue, depth),
  };
}
