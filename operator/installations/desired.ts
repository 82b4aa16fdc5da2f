import { CATALOGUE_NAMESPACE, canonicalJson, sha256 } from '#api/contract/names.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { parseDuration } from '#api/duration.ts';
import { ReasonedError, TerminalError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { InstallationRecord } from '#api/kinds/plugininstallation.ts';
import { PLUGIN_DEFAULTS } from '#api/kinds/virtualclusterplugin.ts';
import { locateSources } from '#api/payloads/locate-sources.ts';
import type { ValuesText } from '#api/payloads/payload-row.ts';
import { orderPayload, takesFacts } from '#api/payloads/plugin-order.ts';
import type { WantedPlugin } from '#api/plugin-set.ts';
import type { Settings } from '#api/settings.ts';
import { type Facts, factValues } from '#operator/access/facts.ts';
import type { Content } from '#operator/executor-jobs/content.ts';
import type { Fingerprint } from '#operator/host/digest-key.ts';

type ContentSettings = {
  /** `uid` is absent while the target has never been reached. */
  target: { uid: string | undefined; server: string };
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
  wanted: WantedPlugin,
  { target, facts, valuesFrom, settings, fingerprint }: ContentSettings,
): Content {
  const { metadata, spec } = wanted.plugin;
  const locations = locateSources(spec, settings);
  const inputs = inputsOf(cluster, wanted, facts);
  const { values, options, targetNamespace } = inputs;
  const digested = { ...inputs, valuesFrom: valuesFrom.map(({ text }) => fingerprint(text)) };
  const digest = sha256(canonicalJson({ ...digested, targetUid: target.uid }));
  const legacyDigest = sha256(canonicalJson({ ...digested, server: target.server }));
  const { install, files } = orderPayload(spec.pluginSources, locations, {
    name: metadata.name,
    releaseName: spec.releaseName,
    facts: inputs.facts,
    valuesFrom,
    options,
    values,
  });
  checkSize(files, valuesFrom.length > 0);
  const order: WorkOrder = {
    version: 1,
    action: 'install',
    ...subjectOf(cluster, wanted),
    digest,
    targetNamespace,
    timeoutMs: parseDuration(spec.timeout ?? PLUGIN_DEFAULTS.timeout),
    ...(spec.takeOwnership && { takeOwnership: true }),
    install,
    ...verifyStep(wanted),
    options,
  };
  const record: InstallationRecord = {
    kind: install.kind,
    targetNamespace,
    ...(install.kind === 'chart' && { release: install.releaseName }),
    digest,
    ...(target.uid !== undefined && { targetUid: target.uid }),
  };
  return { digest, legacyDigest, record, order, files, locations };
}

/** What the digest stands for, but for values from references and the target. */
function inputsOf({ spec }: VirtualCluster, { plugin, values }: WantedPlugin, facts: Facts | undefined) {
  // What a plugin reads of the options is in `options`.
  const { description: _, default: __, dependsOn: ___, options: read, ...installed } = plugin.spec;
  const isShipped = plugin.metadata.namespace === CATALOGUE_NAMESPACE;
  const takes = facts !== undefined && takesFacts(plugin.spec.pluginSources);
  return {
    installed,
    values,
    options: Object.fromEntries(
      (spec.pluginOptions ?? [])
        .filter(({ name }) => read === undefined || read.includes(name))
        .map(({ name, value }) => [name, value]),
    ),
    targetNamespace: plugin.spec.targetNamespace ?? PLUGIN_DEFAULTS.targetNamespace,
    facts: takes ? factValues(facts, isShipped) : undefined,
  };
}

function subjectOf(cluster: VirtualCluster, { plugin }: WantedPlugin): Pick<WorkOrder, 'cluster' | 'plugin'> {
  const { namespace, name, uid, generation = 0 } = plugin.metadata;
  return {
    cluster: {
      namespace: cluster.metadata.namespace,
      name: cluster.metadata.name,
      uid: cluster.metadata.uid,
    },
    plugin: { namespace, name, uid, generation },
  };
}

function verifyStep({ plugin: { spec } }: WantedPlugin): Pick<WorkOrder, 'verify'> {
  const { successStateCommand: command, successStateTimeout } = spec;
  if (!command) return {};
  const timeoutMs = parseDuration(successStateTimeout ?? PLUGIN_DEFAULTS.successStateTimeout);
  return { verify: { command, timeoutMs } };
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
