import { TerminalError } from '../errors.ts';
import type { FieldProblem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { locate, type SlotLocation } from '../sources/location.ts';
import type { NamedSource } from './payload-row.ts';
import { type PluginSources, payloadsOf } from './table.ts';

type Plugin = { pluginSources: PluginSources };

/** Every source that a plugin names, with the field that names it. */
export const namedSources = ({ pluginSources }: Plugin): NamedSource[] =>
  payloadsOf(pluginSources).flatMap(({ row, payload }) => row.sources(payload));

/**
 * Where every source of a plugin is. The webhook turns the answer into volumes and the operator into paths of
 * the work order, so both see the same.
 * @throws TerminalError `InvalidSource`, `InsecureSource` or `HostPathNotAllowed`; the message names the field
 * and the remedy.
 */
export const locateSources = (plugin: Plugin, settings: Settings): SlotLocation[] =>
  namedSources(plugin).map((named) => locateNamed(named, settings));

/** Where every source is, and a problem for each that is wrong: all errors of a plugin are reported at once. */
export function tryLocateSources(
  plugin: Plugin,
  settings: Settings,
): { locations: SlotLocation[]; problems: FieldProblem[] } {
  const locations: SlotLocation[] = [];
  const problems: FieldProblem[] = [];
  for (const named of namedSources(plugin)) {
    try {
      locations.push(locateNamed(named, settings));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      problems.push({ field: named.field, message: error.message });
    }
  }
  return { locations, problems };
}

const locateNamed = ({ slot, field, written }: NamedSource, settings: Settings): SlotLocation => ({
  slot,
  field,
  location: locate(written, field, settings),
});
