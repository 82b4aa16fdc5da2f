import type { WorkOrder } from '../contract/work-order.ts';
import { TerminalError } from '../errors.ts';
import type { SlotLocation } from '../sources/location.ts';
import { rowOf } from '../sources/table.ts';
import type { OrderInput, PayloadOrder, SourcePath } from './payload-row.ts';
import { type PluginSources, payloadsOf } from './table.ts';

/** Whether the plugin is given the facts of a managed cluster. */
export const takesFacts = (sources: PluginSources): boolean =>
  payloadsOf(sources).some(({ row }) => row.takesFacts);

/**
 * How a plugin with these sources is installed.
 * @throws TerminalError `InvalidSource`, `InvalidReleaseName`, `InvalidValues`; ReasonedError `InvalidValues` where
 * another object holds the values
 */
export function orderPayload(
  sources: PluginSources,
  locations: readonly SlotLocation[],
  input: Omit<OrderInput, 'sourceOf'>,
): PayloadOrder<WorkOrder['install']> {
  const [only] = payloadsOf(sources);
  if (only === undefined) throw new TerminalError('InvalidSource', 'the plugin has nothing to install');
  return only.row.order(only.payload, { ...input, sourceOf: (slot) => sourceOf(locations, slot) });
}

function sourceOf(locations: readonly SlotLocation[], slot: SlotLocation['slot']): SourcePath {
  const location = locations.find((entry) => entry.slot === slot)?.location;
  if (location === undefined) {
    throw new TerminalError('InvalidSource', `the plugin has no source for its ${slot}; add one`);
  }
  const { delivery } = rowOf(location);
  return { slot: delivery.by === 'image' ? delivery.place : slot, path: location.path };
}
