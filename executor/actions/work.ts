import type { Report } from '#api/contract/report.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import type { Target } from '#api/kubeconfig.ts';
import type { Program } from '../program.ts';

/** A work order that was read, and what carrying it out needs. */
export type Work = Program & {
  order: WorkOrder;
  target: Target;
  /** Environment of tools. */
  env: Record<string, string>;
};

/** Carries out one action. Never throws: the report says what failed. */
export type RunAction = (work: Work) => Promise<Report>;
