import { CATALOGUE_NAMESPACE, canonicalJson, sha256 } from '#api/contract/names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { parseDuration } from '#api/duration.ts';
import { ReasonedError, TerminalError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import { parseValues, valuesDocument } from '#api/payloads/values.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { Settings } from '#api/settings.ts';
import { locateSources, type Slot } from '#api/sources/location.ts';
import { type Facts, factValues } from '#operator/access/facts.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { Fingerprint } from '#operator/host/digest-key.ts';

/** One text of values from a ConfigMap or Secret. */
export type ValuesText = { text: string; secret: boolean };

type ContentSettings = {
  server: string;
  /** Of a cluster that Pinion made. */
  facts?: Facts | undefined;
  valuesFrom: ValuesText[];
  settings: Settings;
  fingerprint: Fingerprint;
};

/**
 * What is to be installed, resolved: needs no API. Two contents with the same digest install the same.
 * @throws TerminalError a source, values or the release name are wrong; ReasonedError where a reference holds them.
 */
export function resolveContent(
  cluster: VirtualCluster,
  { plugin, values }: WantedPlugin,
  { server, facts, valuesFrom, settings, fingerprint }: ContentSettings,
): Content {
  const { metadata, spec } = plugin;
  const locations = locateSources(spec, settings);
  const { description: _, default: __, dependsOn: ___, ...installed } = spec;
  const options = Object.fromEntries(
    (cluster.spec.pluginOptions ?? []).map(({ name, value }) => [name, value]),
  );
  const targetNamespace = spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace;
  const told =
    facts && spec.pluginSources.chart
      ? factValues(facts, metadata.namespace === CATALOGUE_NAMESPACE)
      : undefined;
  const digest = sha256(
    canonicalJson({
      installed,
      values,
      options,
      targetNamespace,
      server,
      facts: told,
      valuesFrom: valuesFrom.map(({ text }) => fingerprint(text)),
    }),
  );
  const files: Record<string, string> = {};
  const command = spec.successStateCommand;
  const order: WorkOrder = {
    version: 1,
    action: 'install',
    cluster: {
      namespace: cluster.metadata.namespace,
      name: cluster.metadata.name,
      uid: cluster.metadata.uid,
    },
    plugin: {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
      generation: metadata.generation ?? 0,
    },
    digest,
    targetNamespace,
    timeoutMs: parseDuration(spec.timeout ?? PLUGIN_DEFAULTS.timeout),
    install: installStep(),
    ...(command && {
      verify: {
        command,
        timeoutMs: parseDuration(spec.successStateTimeout ?? PLUGIN_DEFAULTS.successStateTimeout),
      },
    }),
    options,
  };
  checkSize(files, valuesFrom.length > 0);
  return { digest, order, files, locations };

  function installStep(): WorkOrder['install'] {
    const { chart, yaml } = spec.pluginSources;
    if (!chart) {
      return yaml
        ? { kind: 'yaml', source: sourceOf('yaml') }
        : { kind: 'kustomize', source: sourceOf('kustomize') };
    }
    const releaseName = spec.releaseName ?? metadata.name;
    if (releaseName.length > 53) {
      throw new TerminalError(
        'InvalidReleaseName',
        `the release name "${releaseName}" has ${releaseName.length} characters and Helm allows 53; set spec.releaseName of the plugin`,
      );
    }
    return {
      kind: 'chart',
      chart: sourceOf('chart'),
      releaseName,
      valuesFiles: [
        ...factsFile(),
        ...(locations.some(({ slot }) => slot === 'values-file')
          ? [{ from: 'source' as const, source: sourceOf('values-file') }]
          : []),
        ...valuesInOrder().map(({ key, secret }) => ({ from: 'order' as const, key, secret })),
      ],
      wait: chart.wait ?? true,
    };
  }

  /** Weaker than all that a person has written, but for the chart's own. */
  function factsFile() {
    if (told === undefined) return [];
    files['facts.yaml'] = JSON.stringify({ global: { pinion: told } });
    return [{ from: 'order' as const, key: 'facts.yaml', secret: false }];
  }

  function sourceOf(slot: Slot) {
    const found = locations.find((one) => one.slot === slot);
    if (!found) throw new TerminalError('InvalidSource', `the plugin has no source for its ${slot}`);
    const { kind, path } = found.location;
    return { slot: kind === 'catalogue' ? kind : slot, path };
  }

  /** Writes the files of values and gives their keys, from the weakest to the strongest. */
  function valuesInOrder(): { key: string; secret: boolean }[] {
    const keys: { key: string; secret: boolean }[] = [];
    const add = (key: string, text: string, secret = false) => {
      files[key] = text;
      keys.push({ key, secret });
    };
    const ofChart = spec.pluginSources.chart?.values;
    if (ofChart !== undefined) add('values.yaml', valuesDocument(ofChart));
    valuesFrom.forEach(({ text, secret }, i) => {
      checkMapping(text, i);
      add(`values-from-${i}.yaml`, text, secret);
    });
    if (Object.keys(options).length > 0) add('options.yaml', JSON.stringify({ global: options }));
    if (values !== undefined) add('cluster-values.yaml', valuesDocument(values));
    return keys;
  }
}

/** The files are parts of one Secret, which may have 1 MiB. */
const MOST_BYTES = 900 * 1024;

function checkSize(files: Record<string, string>, hasReferences: boolean): void {
  const sizes = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }));
  if (sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= MOST_BYTES) return;
  const parts = sizes.map(({ name, bytes }) => `${name} ${Math.ceil(bytes / 1024)} KiB`).join(', ');
  // Nobody tells of a change of what is referred to: it is looked at again.
  const Kind = hasReferences ? ReasonedError : TerminalError;
  throw new Kind(
    'InvalidValues',
    `the values are over ${MOST_BYTES / 1024} KiB together (${parts}); give the large ones as pluginSources.chart.valuesFile`,
  );
}

/** The parser's own words may quote a secret value, so they are not passed on. */
function checkMapping(text: string, index: number): void {
  try {
    parseValues(text);
  } catch {
    throw new ReasonedError(
      'InvalidValues',
      `spec.pluginSources.chart.valuesFrom[${index}] is not a YAML mapping; give values like "replicas: 2"`,
    );
  }
}
