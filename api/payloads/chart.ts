import { ReasonedError, TerminalError } from '../errors.ts';
import type { FieldProblem } from '../problem.ts';
import { jsonForYaml } from '../yaml.ts';
import type { Chart } from './chart-schema.ts';
import type {
  NamedSource,
  OrderInput,
  OrderOf,
  PayloadOrder,
  PayloadReference,
  PayloadRow,
} from './payload-row.ts';
import { checkValues, type Values, valuesDocument, valuesErrors } from './values.ts';

const FIELD = 'spec.pluginSources.chart';
/** Helm's limit: it makes Secrets of these names, with a prefix and a suffix. */
const RELEASE_NAME_LENGTH = 53;

/** A Helm chart. */
export const chart: PayloadRow<Chart, OrderOf<'chart'>> = {
  sources: sourcesOf,
  references: referencesOf,
  errors: (payload, plugin) => [...chartErrors(payload), ...releaseNameErrors(plugin)],
  warnings: ({ storage, ...rest }) =>
    (['name', 'version'] as const)
      .filter((field) => storage && rest[field] !== undefined)
      .map((field) => `${FIELD}.${field} has no effect beside storage, which decides what is installed`),
  takesFacts: true,
  order: orderOf,
};

function sourcesOf({ storage, repo, name, version, secretRef, valuesFile }: Chart): NamedSource[] {
  const sources: NamedSource[] = [];
  if (storage) sources.push({ slot: 'chart', field: `${FIELD}.storage`, written: storage });
  if (repo) sources.push({ slot: 'chart', field: FIELD, written: { repo, name, version, secretRef } });
  if (valuesFile) sources.push({ slot: 'values-file', field: `${FIELD}.valuesFile`, written: valuesFile });
  return sources;
}

function referencesOf({ valuesFrom = [] }: Chart): PayloadReference[] {
  return valuesFrom.flatMap(({ configMapKeyRef, secretKeyRef }, i): PayloadReference[] => {
    const field = `${FIELD}.valuesFrom[${i}]`;
    if (configMapKeyRef) {
      return [{ kind: 'ConfigMap', field: `${field}.configMapKeyRef`, name: configMapKeyRef.name }];
    }
    if (!secretKeyRef) return [];
    return [{ kind: 'Secret', field: `${field}.secretKeyRef`, name: secretKeyRef.name }];
  });
}

function chartErrors(chart: Chart): FieldProblem[] {
  const errors = valuesErrors(chart.values, `${FIELD}.values`);
  const add = (field: string, message: string) => errors.push({ field, message: `${field} ${message}` });
  if (chart.storage && chart.secretRef) {
    add(
      `${FIELD}.secretRef`,
      'applies only to a chart from repo; remove it, or give storage.secretRef with an https:// or oci:// uri',
    );
  }
  if ((chart.repo === undefined) === (chart.storage === undefined)) {
    const found = chart.repo === undefined ? 'none' : 'both';
    add(FIELD, `must have exactly one of repo and storage, found ${found}`);
  }
  if (chart.repo !== undefined && chart.name === undefined && !chart.repo.startsWith('oci://')) {
    add(`${FIELD}.name`, 'is required with repo, like name: web');
  }
  for (const [i, entry] of (chart.valuesFrom ?? []).entries()) {
    if ((entry.configMapKeyRef === undefined) === (entry.secretKeyRef === undefined)) {
      add(`${FIELD}.valuesFrom[${i}]`, 'must have exactly one of configMapKeyRef and secretKeyRef');
    }
  }
  return errors;
}

function releaseNameErrors(plugin: { name: string; releaseName?: string | undefined }): FieldProblem[] {
  const { length } = plugin.releaseName ?? plugin.name;
  if (length <= RELEASE_NAME_LENGTH) return [];
  const field = 'spec.releaseName';
  const what =
    plugin.releaseName === undefined
      ? `defaults to the plugin's name "${plugin.name}", which`
      : `"${plugin.releaseName}"`;
  return [
    {
      field,
      message: `${field} ${what} has ${length} characters and Helm allows ${RELEASE_NAME_LENGTH}; give a shorter one, like releaseName: web`,
    },
  ];
}

function orderOf(chart: Chart, input: OrderInput): PayloadOrder<OrderOf<'chart'>> {
  const releaseName = input.releaseName ?? input.name;
  if (releaseName.length > RELEASE_NAME_LENGTH) {
    throw new TerminalError(
      'InvalidReleaseName',
      `the release name "${releaseName}" has ${releaseName.length} characters and Helm allows ${RELEASE_NAME_LENGTH}; set spec.releaseName of the plugin`,
    );
  }
  const weak = factsFiles(input);
  const strong = valuesFiles(chart, input);
  return {
    install: {
      kind: 'chart',
      chart: input.sourceOf('chart'),
      releaseName,
      valuesFiles: [
        ...weak.map(inOrder),
        ...(chart.valuesFile ? [{ from: 'source' as const, source: input.sourceOf('values-file') }] : []),
        ...strong.map(inOrder),
      ],
      wait: chart.wait ?? true,
      // Left out where it is not set, so that a plugin of before has the same digest.
      ...(chart.apply && chart.apply !== 'Auto' ? { apply: chart.apply } : {}),
    },
    files: Object.fromEntries([...weak, ...strong].map(({ key, text }) => [key, text])),
  };
}

/** A file of values; `secret` ones are redacted in all output. */
type ValuesFile = { from: 'order' | 'set'; key: string; text: string; secret: boolean; ifNamed?: string };

const inOrder = ({ text: _, from, ...file }: ValuesFile) =>
  from === 'set' ? { from, key: file.key } : { from, ...file };

/**
 * Facts of the cluster are weaker than all values that people write, except those in the chart itself. They reach only
 * a chart that names them: the schema of any other may refuse `global`.
 */
function factsFiles({ facts }: OrderInput): ValuesFile[] {
  if (!facts) return [];
  const text = jsonForYaml({ global: { pinion: facts } });
  return [{ from: 'order', key: 'facts.yaml', text, secret: false, ifNamed: 'global.pinion' }];
}

/** The files of values from the weakest to the strongest. */
function valuesFiles(chart: Chart, { valuesFrom, options, values }: OrderInput): ValuesFile[] {
  const files: ValuesFile[] = [];
  const add = (key: string, text: string, secret = false) => files.push({ from: 'order', key, text, secret });
  const addWritten = (name: string, written: Values) => {
    const text = valuesDocument(written);
    if (Array.isArray(written)) files.push({ from: 'set', key: `${name}.set.json`, text, secret: false });
    else add(`${name}.yaml`, text);
  };
  if (chart.values !== undefined) addWritten('values', chart.values);
  valuesFrom.forEach(({ text, secret }, i) => {
    checkMapping(text, i);
    add(`values-from-${i}.yaml`, text, secret);
  });
  if (Object.keys(options).length > 0) add('options.yaml', jsonForYaml({ global: options }));
  if (values !== undefined) addWritten('cluster-values', values);
  return files;
}

/** The parser's own message may quote a secret value, so it is dropped. */
function checkMapping(text: string, index: number): void {
  try {
    checkValues(text);
  } catch {
    throw new ReasonedError(
      'InvalidValues',
      `${FIELD}.valuesFrom[${index}] is not a YAML mapping; give values like "replicas: 2"`,
    );
  }
}
