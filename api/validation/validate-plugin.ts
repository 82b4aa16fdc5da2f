import { CATALOGUE_NAMESPACE, SYSTEM_NAMESPACE } from '../contract/names.ts';
import { parseDuration } from '../duration.ts';
import type { ObjectMeta, VirtualClusterPlugin } from '../kinds/objects.ts';
import {
  type ChartSpec,
  type VirtualClusterPluginSpec,
  virtualClusterPluginSpec,
} from '../kinds/virtualclusterplugin.ts';
import type { Settings } from '../settings.ts';
import { tryLocateSources } from '../sources/location.ts';
import {
  type Problem,
  problemOfIssue,
  type Unchecked,
  type Validation,
  valuesErrors,
} from './field-problem.ts';
import { pluginWarnings } from './plugin-warnings.ts';

/** Checks a plugin, whatever its spec looks like. */
export function validatePlugin(
  plugin: VirtualClusterPlugin | Unchecked<VirtualClusterPlugin>,
  settings: Settings,
): Validation {
  const parsed = virtualClusterPluginSpec.safeParse(plugin.spec);
  if (!parsed.success) return { errors: parsed.error.issues.map(problemOfIssue), warnings: [] };
  const spec = parsed.data;
  const errors = [
    ...namespaceErrors(plugin.metadata),
    ...pluginKindErrors(spec),
    ...tryLocateSources(spec, settings).problems,
    ...chartOptionErrors(spec),
    ...sourceOptionErrors(spec),
    ...catalogueErrors(plugin.metadata, spec, settings),
    ...chartErrors(spec.pluginSources.chart),
    ...releaseNameErrors(plugin.metadata, spec),
    ...durationErrors(spec),
  ];
  return { errors, warnings: pluginWarnings(spec, settings) };
}

/** Where Pinion's webhooks are not asked, so that the host's own parts start without them: no executor runs there. */
export const EXEMPT_NAMESPACES: readonly string[] = ['kube-system', SYSTEM_NAMESPACE];

function namespaceErrors({ namespace }: ObjectMeta): Problem[] {
  if (!EXEMPT_NAMESPACES.includes(namespace)) return [];
  const field = 'metadata.namespace';
  return [
    {
      field,
      message: `${field} ${namespace} can't hold plugins, because the webhook is not asked there and no executor runs without it; create the plugin in another namespace, like ${CATALOGUE_NAMESPACE} or that of its VirtualCluster`,
    },
  ];
}

function pluginKindErrors({ pluginSources }: VirtualClusterPluginSpec): Problem[] {
  const { chart, yaml, kustomize } = pluginSources;
  const field = 'spec.pluginSources';
  const given = Object.entries({ chart, yaml, kustomize }).filter(([, value]) => value !== undefined);
  if (given.length === 1) return [];
  const found = given.map(([name]) => name).join(' and ') || 'none';
  return [
    {
      field,
      message: `${field} must have exactly one of chart, yaml and kustomize, found ${found}; keep one of them`,
    },
  ];
}

const isFetched = (uri: string | undefined) => uri !== undefined && !uri.startsWith('file:');

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** What belongs to one kind of source and stands at another would be ignored, and seem to protect. */
function sourceOptionErrors({
  pluginSources: { chart, yaml, kustomize },
}: VirtualClusterPluginSpec): Problem[] {
  const sources = {
    'chart.storage': chart?.storage,
    'chart.valuesFile': chart?.valuesFile,
    'yaml.path': yaml?.path,
    'kustomize.path': kustomize?.path,
  };
  return Object.entries(sources).flatMap(([name, source]) => {
    if (!source) return [];
    const at = `spec.pluginSources.${name}`;
    const errors: Problem[] = [];
    const add = (field: string, message: string) => errors.push({ field, message: `${field} ${message}` });
    for (const option of ['sha256', 'secretRef'] as const) {
      if (source[option] !== undefined && !isFetched(source.uri)) {
        add(`${at}.${option}`, 'is for an https:// or oci:// uri only; remove it, or give the source as one');
      }
    }
    const nodeName = typeof source.hostPath === 'object' ? source.hostPath.nodeName : undefined;
    if (nodeName !== undefined && !NAME.test(nodeName)) {
      add(
        `${at}.hostPath.nodeName`,
        `"${nodeName}" can't be the name of a node; give one of kubectl get nodes`,
      );
    }
    return errors;
  });
}

/** Likewise: what lies in `storage` has credentials of its own. */
function chartOptionErrors({ pluginSources: { chart } }: VirtualClusterPluginSpec): Problem[] {
  if (!chart?.storage || !chart.secretRef) return [];
  const field = 'spec.pluginSources.chart.secretRef';
  const message = `${field} is for a chart of a repo only; remove it, or give storage.secretRef with an https:// or oci:// uri`;
  return [{ field, message }];
}

/** What ships with Pinion is for the plugins that ship with it: they alone change together. */
function catalogueErrors(
  { namespace }: ObjectMeta,
  spec: VirtualClusterPluginSpec,
  settings: Settings,
): Problem[] {
  if (namespace === CATALOGUE_NAMESPACE) return [];
  return tryLocateSources(spec, settings)
    .locations.filter(({ location }) => location.kind === 'catalogue')
    .map(({ field }) => ({
      field: `${field}.uri`,
      message: `${field}.uri: packages of file:///catalogue are for plugins of namespace ${CATALOGUE_NAMESPACE}, not ${namespace}; name the catalogue's plugin in pluginSet.enabled, or use pvPath or an https:// address`,
    }));
}

function chartErrors(chart: ChartSpec | undefined): Problem[] {
  if (!chart) return [];
  const at = 'spec.pluginSources.chart';
  const errors = valuesErrors(chart.values, `${at}.values`);
  const add = (field: string, message: string) => errors.push({ field, message: `${field} ${message}` });
  if ((chart.repo === undefined) === (chart.storage === undefined)) {
    add(at, `must have exactly one of repo and storage, found ${chart.repo === undefined ? 'none' : 'both'}`);
  }
  if (chart.repo !== undefined && chart.name === undefined && !chart.repo.startsWith('oci://')) {
    add(`${at}.name`, 'is needed with repo, like name: web');
  }
  for (const [i, entry] of (chart.valuesFrom ?? []).entries()) {
    if ((entry.configMapKeyRef === undefined) === (entry.secretKeyRef === undefined)) {
      add(`${at}.valuesFrom[${i}]`, 'must have exactly one of configMapKeyRef and secretKeyRef');
    }
  }
  return errors;
}

/** Helm's limit: it makes Secrets of these names, with something before and after. */
const RELEASE_NAME_LENGTH = 53;

function releaseNameErrors({ name }: ObjectMeta, spec: VirtualClusterPluginSpec): Problem[] {
  if (!spec.pluginSources.chart) return [];
  const { releaseName } = spec;
  if ((releaseName ?? name).length <= RELEASE_NAME_LENGTH) return [];
  const field = 'spec.releaseName';
  const what =
    releaseName === undefined ? `is the plugin's name "${name}" unless given, which` : `"${releaseName}"`;
  return [
    {
      field,
      message: `${field} ${what} has ${(releaseName ?? name).length} characters and Helm allows ${RELEASE_NAME_LENGTH}; give a shorter one, like releaseName: web`,
    },
  ];
}

const LONGEST_MS = 24 * 3_600_000;

function durationErrors(spec: VirtualClusterPluginSpec): Problem[] {
  return (['timeout', 'successStateTimeout'] as const).flatMap((key) => {
    const text = spec[key];
    const milliseconds = text === undefined ? LONGEST_MS : parseDuration(text);
    if (milliseconds >= 1000 && milliseconds <= LONGEST_MS) return [];
    return [
      { field: `spec.${key}`, message: `spec.${key} "${text}" must be between 1s and 24h, like ${key}: 10m` },
    ];
  });
}
