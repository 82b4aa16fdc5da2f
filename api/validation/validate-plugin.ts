import { CATALOGUE_NAMESPACE, SYSTEM_NAMESPACE } from '../contract/names.ts';
import { parseDuration } from '../duration.ts';
import type { ObjectMeta, VirtualClusterPlugin } from '../kinds/objects.ts';
import { type VirtualClusterPluginSpec, virtualClusterPluginSpec } from '../kinds/virtualclusterplugin.ts';
import { namedSources, tryLocateSources } from '../payloads/locate-sources.ts';
import { PAYLOAD_NAMES, payloadsOf } from '../payloads/table.ts';
import type { FieldProblem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import type { SlotLocation } from '../sources/location.ts';
import { kindOf } from '../sources/source.ts';
import { SOURCE_OPTIONS, type SourceOption } from '../sources/source-row.ts';
import { rowOf, SOURCES } from '../sources/table.ts';
import { problemOfIssue, type Unchecked, type Validation } from './field-problem.ts';
import { pluginWarnings } from './plugin-warnings.ts';

/** Checks a plugin; its spec may be anything. */
export function validatePlugin(
  plugin: VirtualClusterPlugin | Unchecked<VirtualClusterPlugin>,
  settings: Settings,
): Validation {
  const parsed = virtualClusterPluginSpec.safeParse(plugin.spec);
  if (!parsed.success) return { errors: parsed.error.issues.map(problemOfIssue), warnings: [] };
  const spec = parsed.data;
  const { locations, problems } = tryLocateSources(spec, settings);
  const errors = [
    ...namespaceErrors(plugin.metadata),
    ...problems,
    ...sourceOptionErrors(spec),
    ...refusedSources(plugin.metadata, locations),
    ...payloadErrors(plugin.metadata, spec),
    ...durationErrors(spec),
    ...dependencyErrors(plugin.metadata, spec),
  ];
  return { errors, warnings: pluginWarnings(spec, locations) };
}

/** The namespaces that Pinion's webhooks exempt, so that the host starts without them: no executor runs there. */
export const EXEMPT_NAMESPACES: readonly string[] = ['kube-system', SYSTEM_NAMESPACE];

function namespaceErrors({ namespace }: ObjectMeta): FieldProblem[] {
  if (!EXEMPT_NAMESPACES.includes(namespace)) return [];
  const field = 'metadata.namespace';
  return [
    {
      field,
      message: `${field} ${namespace} can't hold plugins: the webhook exempts it, and executors need the webhook; create the plugin in another namespace, like ${CATALOGUE_NAMESPACE} or the one of its VirtualCluster`,
    },
  ];
}

function payloadErrors({ name }: ObjectMeta, spec: VirtualClusterPluginSpec): FieldProblem[] {
  const payloads = payloadsOf(spec.pluginSources);
  const errors = payloads.flatMap(({ row, payload }) =>
    row.errors(payload, { name, releaseName: spec.releaseName }),
  );
  if (payloads.length === 1) return errors;
  const field = 'spec.pluginSources';
  const found = payloads.map(({ kind }) => kind).join(' and ') || 'none';
  const message = `${field} must have exactly one of ${PAYLOAD_NAMES}, found ${found}; keep one of them`;
  return [{ field, message }, ...errors];
}

/** A field that a kind of source does not read would be ignored, and look as if it protected something. */
const sourceOptionErrors = (spec: VirtualClusterPluginSpec): FieldProblem[] =>
  namedSources(spec).flatMap(({ field, written }) => {
    const kind = kindOf(written);
    const read: readonly SourceOption[] = kind === undefined ? [] : SOURCES[kind].options;
    return SOURCE_OPTIONS.filter((option) => written[option] !== undefined && !read.includes(option)).map(
      (option) => ({
        field: `${field}.${option}`,
        message: `${field}.${option} applies only to an https:// or oci:// uri; remove it, or give the source as such a uri`,
      }),
    );
  });

const refusedSources = ({ namespace }: ObjectMeta, locations: readonly SlotLocation[]): FieldProblem[] =>
  locations.flatMap(({ field, location }) => rowOf(location).refusedIn?.(namespace, field) ?? []);

const LONGEST_MS = 24 * 3_600_000;

function durationErrors(spec: VirtualClusterPluginSpec): FieldProblem[] {
  return (['timeout', 'successStateTimeout'] as const).flatMap((key) => {
    const text = spec[key];
    const milliseconds = text === undefined ? LONGEST_MS : parseDuration(text);
    if (milliseconds >= 1000 && milliseconds <= LONGEST_MS) return [];
    return [
      { field: `spec.${key}`, message: `spec.${key} "${text}" must be between 1s and 24h, like ${key}: 10m` },
    ];
  });
}

/** A name is looked for in the plugin's own namespace first, so its own name is never another plugin's. */
const dependencyErrors = (
  { name }: ObjectMeta,
  { dependsOn = [] }: VirtualClusterPluginSpec,
): FieldProblem[] =>
  dependsOn.flatMap((dependency, i) => {
    if (dependency.name !== name) return [];
    const field = `spec.dependsOn[${i}]`;
    return [
      {
        field,
        message: `${field} names this plugin itself, "${name}", so it would wait for itself; remove it`,
      },
    ];
  });
