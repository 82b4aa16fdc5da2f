import type { WorkOrder } from '#api/contract/work-order.ts';
import type { InstallationRecord } from '#api/kinds/plugininstallation.ts';
import type { SlotLocation } from '#api/sources/location.ts';

/** All that an action needs to install one plugin in one cluster, and the digest that stands for it. */
export type Content = {
  digest: string;
  /** The digest that releases before PluginInstallation gave the same content: for taking over what they installed. */
  legacyDigest: string;
  /** What the installation will be once the action has succeeded, as far as it is known before. */
  record: InstallationRecord;
  order: WorkOrder;
  /** Files of values, as keys of the Job's Secret. */
  files: Record<string, string>;
  locations: SlotLocation[];
};
