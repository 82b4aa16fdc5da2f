import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { Occurrence } from '#kube/event-recorder.ts';
import { firstLine } from './assess.ts';

/** What happened between two statuses, as events: which plugin, which step, why, what to do. */
export function transitions(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): Occurrence[] {
  const old = new Map((before?.plugins ?? []).map((plugin) => [plugin.name, plugin]));
  const happened = (after.plugins ?? []).flatMap(
    (plugin) => pluginTransition(old.get(plugin.name), plugin) ?? [],
  );
  happened.push(...givenUp(before, after));
  if (before?.phase !== after.phase || before?.reason !== after.reason) {
    happened.push(...phaseTransition(before, after));
  }
  return happened;
}

/** Nothing remembers such a machine but this: it stays as the tenant left it. */
function givenUp(before: VirtualClusterStatus | undefined, after: VirtualClusterStatus): Occurrence[] {
  const old = new Set(
    (before?.nodes ?? []).filter(({ phase }) => phase === 'Failed').map(({ name }) => name),
  );
  const failed = (after.nodes ?? []).filter(({ name, phase }) => phase === 'Failed' && !old.has(name));
  return failed.map(({ name, reason, message = '' }) => ({
    type: 'Warning',
    reason: 'NodeGivenUp',
    message: `node ${name}: ${reason}: ${firstLine(message)}; install the machine anew before the host uses it`,
  }));
}

function phaseTransition(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): Occurrence[] {
  const { phase = 'Pending', reason = phase } = after;
  const message = after.conditions?.[0]?.message ?? '';
  const bad = after.conditions?.find(({ type }) => type === 'Stalled')?.status === 'True';
  // Reasons that are a plugin's have an event of that plugin.
  const ofPlugin = after.plugins?.some((plugin) => plugin.reason === reason) && before?.phase === phase;
  if (ofPlugin) return [];
  return [
    {
      type: bad ? 'Warning' : 'Normal',
      reason: phase === 'Completed' || phase === 'Failed' ? phase : reason,
      message: `${phase}: ${message}`,
    },
  ];
}

function pluginTransition(before: PluginStatus | undefined, after: PluginStatus): Occurrence | undefined {
  const isSame = before?.phase === after.phase && before.reason === after.reason && before.job === after.job;
  const { name, phase, reason = phase, message = '' } = after;
  switch (phase) {
    case 'Installed':
      return before?.phase === phase && before.digest === after.digest ? undefined : installed(after);
    case 'Failed':
      return isSame && before.failedDigest === after.failedDigest ? undefined : failed(after);
    case 'Installing':
      return underWay(before, after);
    case 'Pending':
      return isSame ? undefined : { type: 'Warning', reason, message: `plugin ${name}: ${message}` };
  }
}

const JUDGED = { Yes: ', its command succeeded', No: '', NotAsked: ', not judged' } as const;

function installed({ name, release, revision, verified }: PluginStatus): Occurrence {
  const as = release ? ` as release ${release}${revision ? ` revision ${revision}` : ''}` : '';
  const message = `plugin ${name}: installed${as}${JUDGED[verified ?? 'No']}`;
  return { type: 'Normal', reason: 'PluginInstalled', message };
}

function failed({ name, reason, message = '', job }: PluginStatus): Occurrence {
  const log = job ? `; its log: kubectl logs -n ${job.replace('/', ' job/')}` : '';
  const remedy = `Correct the plugin, or have it tried again as it is: kubectl annotate --overwrite vc NAME ${ANNOTATION.retry}=$(date +%s)${log}`;
  const text = `plugin ${name}: ${reason}: ${firstLine(message)}\n${remedy}`;
  return { type: 'Warning', reason: 'PluginFailed', message: text };
}

function underWay(before: PluginStatus | undefined, after: PluginStatus): Occurrence | undefined {
  const { name, reason, message = '', job } = after;
  if (job !== undefined && before?.job !== job) {
    return { type: 'Normal', reason: 'PluginInstalling', message: `plugin ${name}: Job ${job}` };
  }
  if (message.startsWith('attempt') && before?.message !== message) {
    return {
      type: 'Warning',
      reason: 'PluginRetrying',
      message: `plugin ${name}: ${reason}: ${firstLine(message)}`,
    };
  }
  return undefined;
}
