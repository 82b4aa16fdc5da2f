import { valid } from 'semver';
import type { VirtualClusterPluginSpec } from '../kinds/virtualclusterplugin.ts';
import type { Settings } from '../settings.ts';
import { type Location, type SlotLocation, tryLocateSources } from '../sources/location.ts';
import { whyItCannotFail } from './success-command.ts';

/** What is allowed in a plugin and probably not meant, or not wise. */
export function pluginWarnings(spec: VirtualClusterPluginSpec, settings: Settings): string[] {
  const { locations } = tryLocateSources(spec, settings);
  const why = spec.successStateCommand && whyItCannotFail(spec.successStateCommand);
  return [
    ...(why ? [`spec.successStateCommand can't fail, so it says nothing: ${why}`] : []),
    ...locations.flatMap(locationWarnings),
    ...nodeWarnings(locations),
    ...idleFields(spec),
  ];
}

/** A manifest written for Kosmos may have both. */
const idleFields = ({ pluginSources: { chart } }: VirtualClusterPluginSpec): string[] =>
  (['name', 'version'] as const)
    .filter((field) => chart?.storage && chart[field] !== undefined)
    .map(
      (field) =>
        `spec.pluginSources.chart.${field} has no effect beside storage: what is installed is what lies there`,
    );

function locationWarnings({ field, location }: SlotLocation): string[] {
  switch (location.kind) {
    case 'claim':
    case 'catalogue':
      return [];
    case 'host':
      return location.nodeName
        ? []
        : [
            `${field}.hostPath has no nodeName: whichever node runs the Job must have ${location.directory}; give {path, nodeName}, or use pvPath or uri`,
          ];
    case 'uri':
      return insecure(location.uri, `${field}.uri`);
    case 'repository':
      return [...insecure(location.repo, field), ...notPinned(location, field)];
  }
}

const insecure = (uri: string, field: string): string[] =>
  uri.startsWith('http:')
    ? [`${field} is http://: anyone on the way can change what is installed; use https://`]
    : [];

function notPinned({ repo, version }: Extract<Location, { kind: 'repository' }>, field: string): string[] {
  const at = field.replace(/\.repo$/, '.version');
  const inReference = repo.startsWith('oci://') && /(@sha256:[0-9a-f]{64}|:[^/:]+)$/.test(repo.slice(6));
  if (inReference || (version !== undefined && valid(version) !== null)) return [];
  const found = version === undefined ? 'is not given' : `"${version}" is a range`;
  return [`${at} ${found}: what is installed changes when the repository does; pin one, like version: 1.4.2`];
}

function nodeWarnings(locations: readonly SlotLocation[]): string[] {
  const nodes = locations.flatMap(({ location }) =>
    location.kind === 'host' && location.nodeName ? [location.nodeName] : [],
  );
  const [first, second] = [...new Set(nodes)];
  return second === undefined
    ? []
    : [
        `the sources are bound to different nodes (${first}, ${second}), so no pod can read both; use one node`,
      ];
}
