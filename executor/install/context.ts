import type { WorkOrder } from '#api/contract/work-order.ts';
import type { Run } from '../command/run.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log/log.ts';
import type { Redactor } from '../log/redactor.ts';
import type { TargetClient } from '../target/client.ts';

/** What every kind of installation gets. */
export type InstallContext = {
  order: WorkOrder;
  config: Config;
  client: TargetClient;
  /** Address of the target's API server. */
  server: string;
  run: Run;
  log: Log;
  redactor: Redactor;
  env: Record<string, string>;
  /** Fires when the installation must stop: SIGTERM without a grace, the Lease lost. */
  abort: AbortSignal;
  /** Milliseconds until the order's timeout. */
  remaining: () => number;
  /** Called when nothing of the plugin is installed yet, so that SIGTERM may let the work finish. */
  markFirst: () => void;
};

/** What is known of the installation afterwards, for the report. */
export type Installed = { summary: string; release?: string; revision?: number };
