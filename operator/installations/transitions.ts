import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { Occurrence } from '#kube/event-recorder.ts';
import { isProgress } from '#operator/host/progress.ts';
import { firstLine, isStep } from './status.ts';

/** What happened to a plugin of a cluster between two statuses, as an event: which step, why, what to do. */
export function transition(
  { cluster, plugin }: { cluster: string; plugin: string },
  before: PluginInstallationStatus | undefined,
  after: PluginInstallationStatus,
): Occurrence | undefined {
  const { phase = 'Pending', reason = phase, message = '' } = after;
  const isSame = before?.phase === phase && before.reason === reason && before.job === after.job;
  switch (phase) {
    case 'Installed':
      return before?.phase === phase && before.job === after.job ? undefined : installed(plugin, after);
    case 'Failed':
      return isSame ? undefined : failed(cluster, plugin, after);
    case 'Installing':
      return underWay(plugin, before, after);
    case 'Pending':
      return isSame || isProgress(reason)
        ? undefined
        : { type: 'Warning', reason, message: `plugin ${plugin}: ${message}` };
    case 'Orphaned':
      return isSame
        ? undefined
        : { type: 'Normal', reason: 'PluginOrphaned', message: `plugin ${plugin}: ${message}` };
  }
}

const VERIFIED = { Yes: ', its command succeeded', No: '', NotAsked: ', not verified' } as const;

function installed(plugin: string, { installed: record, verified }: PluginInstallationStatus): Occurrence {
  const { release, revision } = record ?? {};
  const as = release ? ` as release ${release}${revision ? ` revision ${revision}` : ''}` : '';
  const message = `plugin ${plugin}: installed${as}${VERIFIED[verified ?? 'No']}`;
  return { type: 'Normal', reason: 'PluginInstalled', message };
}

function failed(
  cluster: string,
  plugin: string,
  { reason, message = '', job, retry }: PluginInstallationStatus,
): Occurrence {
  const log = job ? `; its log: kubectl logs -n ${job.replace('/', ' job/')}` : '';
  const what = retry ? 'To retry it at once' : 'Fix the plugin, or retry it unchanged';
  const remedy = `${what}: kubectl annotate --overwrite vc ${cluster} ${ANNOTATION.retry}=$(date +%s)${log}`;
  const text = `plugin ${plugin}: ${reason}: ${firstLine(message)}\n${remedy}`;
  return { type: 'Warning', reason: 'PluginFailed', message: text };
}

function underWay(
  plugin: string,
  before: PluginInstallationStatus | undefined,
  { reason, message = '', job }: PluginInstallationStatus,
): Occurrence | undefined {
  // A Job that has ended before its first step was written is told of by its end alone.
  if (before?.job === job && before?.reason === 'PodStarting' && reason !== before.reason && isStep(reason)) {
    return { type: 'Normal', reason: 'PluginInstalling', message: `plugin ${plugin}: Job ${job}` };
  }
  if (message.startsWith('attempt') && before?.message !== message) {
    const text = `plugin ${plugin}: ${reason}: ${firstLine(message)}`;
    return { type: 'Warning', reason: 'PluginRetrying', message: text };
  }
  return undefined;
}
