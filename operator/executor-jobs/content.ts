import type { WorkOrder } from '#api/contract/work-order.ts';
import type { SlotLocation } from '#api/sources/location.ts';

/** All that is needed to install one plugin in one cluster, and the digest that stands for it. */
export type Content = {
  digest: string;
  order: WorkOrder;
  /** Files of values, as keys of the Job's Secret. */
  files: Record<string, string>;
  locations: SlotLocation[];
};
