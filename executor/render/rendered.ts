import type { Payload, PayloadOf, WorkOrder } from '#api/contract/work-order.ts';
import type { Run } from '../command/run.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log/log.ts';
import type { Redactor } from '../log/redactor.ts';
import type { ManifestObject } from './manifests.ts';
import type { Chart } from './prepare-chart.ts';

/** What every renderer gets. */
export type RenderContext = {
  order: WorkOrder;
  config: Config;
  run: Run;
  log: Log;
  redactor: Redactor;
  /** Environment of tools. */
  env: Record<string, string>;
  /** Fires when the work must stop: SIGTERM without a grace, the Lease lost. */
  abort: AbortSignal;
  /** Milliseconds until the order's timeout. */
  remaining: () => number;
};

/** Values for helm: paths of files, later ones win, and expressions for --set, which win over all files. */
export type ChartValues = { files: string[]; set: string[] };

/** What a payload comes to: the input of the deployer that is named. */
export type Rendered =
  | { deployer: 'helm'; chart: Chart; values: ChartValues; payload: PayloadOf<'chart'> }
  | { deployer: 'manifests'; objects: ManifestObject[] };

/** @throws Failure */
export type Renderer<P extends Payload = Payload> = (context: RenderContext, payload: P) => Promise<Rendered>;
