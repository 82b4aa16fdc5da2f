import type { VirtualClusterPluginSpec } from '../kinds/virtualclusterplugin.ts';
import { payloadsOf } from '../payloads/table.ts';
import { namedNodes, type SlotLocation } from '../sources/location.ts';
import { rowOf } from '../sources/table.ts';
import { whyItCannotFail } from './success-command.ts';

/** What is allowed in a plugin and probably a mistake. */
export function pluginWarnings(spec: VirtualClusterPluginSpec, locations: readonly SlotLocation[]): string[] {
  const why = spec.successStateCommand && whyItCannotFail(spec.successStateCommand);
  return [
    ...(why ? [`spec.successStateCommand can't fail, so it proves nothing: ${why}`] : []),
    ...locations.flatMap(({ field, location }) => rowOf(location).warnings(location, field)),
    ...nodeWarnings(namedNodes(locations)),
    ...payloadsOf(spec.pluginSources).flatMap(({ row, payload }) => row.warnings(payload)),
  ];
}

const nodeWarnings = ([first, second]: string[]): string[] =>
  second === undefined
    ? []
    : [
        `the sources are bound to different nodes (${first}, ${second}), so no pod can read both; use one node`,
      ];
