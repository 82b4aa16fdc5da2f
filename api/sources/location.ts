import { TerminalError } from '../errors.ts';
import type { ChartSpec, VirtualClusterPluginSpec } from '../kinds/virtualclusterplugin.ts';
import type { Settings } from '../settings.ts';
import { locate, requireSecure } from './locate-source.ts';
import type { Source } from './source.ts';

/** The places of an executor pod that can hold a source; each is one read-only directory. */
export const SLOTS = ['chart', 'values-file', 'yaml', 'kustomize'] as const;
export type Slot = (typeof SLOTS)[number];

/** Where a source really is. `path` is what the executor resolves inside the slot's directory; '' is all of it. */
export type Location =
  | { kind: 'claim'; claim: string; path: string }
  | { kind: 'host'; directory: string; path: string; nodeName?: string | undefined }
  /** A package that the executor's image has; `path` is its name. */
  | { kind: 'catalogue'; path: string }
  | { kind: 'uri'; uri: string; sha256?: string | undefined; secret?: string | undefined; path: '' }
  | {
      kind: 'repository';
      repo: string;
      name?: string | undefined;
      version?: string | undefined;
      secret?: string | undefined;
      path: '';
    };

export type SlotLocation = { slot: Slot; field: string; location: Location };

/** A place of the plugin that names a source: a chart's repository, or a source proper. */
type Named = { slot: Slot; field: string } & ({ source: Source } | { repository: ChartSpec });

/** Every source that the plugin names, with the field that names it. */
function namedSources({ pluginSources }: VirtualClusterPluginSpec): Named[] {
  const { chart, yaml, kustomize } = pluginSources;
  const field = (rest: string) => `spec.pluginSources.${rest}`;
  const named: Named[] = [];
  if (chart?.storage) named.push({ slot: 'chart', field: field('chart.storage'), source: chart.storage });
  if (chart?.repo) named.push({ slot: 'chart', field: field('chart.repo'), repository: chart });
  if (chart?.valuesFile) {
    named.push({ slot: 'values-file', field: field('chart.valuesFile'), source: chart.valuesFile });
  }
  if (yaml) named.push({ slot: 'yaml', field: field('yaml.path'), source: yaml.path });
  if (kustomize) named.push({ slot: 'kustomize', field: field('kustomize.path'), source: kustomize.path });
  return named;
}

/**
 * Where every source of a plugin is. The webhook turns the answer into volumes and the operator into paths of
 * the work order, so both see the same.
 * @throws TerminalError `InvalidSource`, `InsecureSource` or `HostPathNotAllowed`; the message names the field
 * and the remedy.
 */
export function locateSources(spec: VirtualClusterPluginSpec, settings: Settings): SlotLocation[] {
  return namedSources(spec).map((named) => locateNamed(named, settings));
}

/** The same, but goes on after a wrong source: for telling a user all that is wrong at once. */
export function tryLocateSources(
  spec: VirtualClusterPluginSpec,
  settings: Settings,
): { locations: SlotLocation[]; problems: { field: string; message: string }[] } {
  const locations: SlotLocation[] = [];
  const problems: { field: string; message: string }[] = [];
  for (const named of namedSources(spec)) {
    try {
      locations.push(locateNamed(named, settings));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      problems.push({ field: named.field, message: error.message });
    }
  }
  return { locations, problems };
}

function locateNamed(named: Named, settings: Settings): SlotLocation {
  const { slot, field } = named;
  if ('source' in named) return { slot, field, location: locate(named.source, field, settings) };
  const { repo = '', name, version, secretRef } = named.repository;
  requireSecure(repo, field, settings);
  return {
    slot,
    field,
    location: { kind: 'repository', repo, name, version, secret: secretRef?.name, path: '' },
  };
}
