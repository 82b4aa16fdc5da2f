import { ANNOTATION } from '#api/names.ts';
import type { PluginStatus, VirtualClusterStatus } from '#api/virtualcluster.ts';
import type { Occurrence } from '#kube/event-recorder.ts';

/** What happened between two statuses, as events: which plugin, which step, why, what to do. */
export function transitions(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): Occurrence[] {
  const old = new Map((before?.plugins ?? []).map((plugin) => [plugin.name, plugin]));
  const happened = (after.plugins ?? []).flatMap(
    (plugin) => pluginTransition(old.get(plugin.name), plugin) ?? [],
  );
  if (before?.phase !== after.phase || before?.reason !== after.reason) {
    happened.push(...phaseTransition(before, after));
  }
  return happened;
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
      reason: phase === 'Completed' ? phase : reason,
      message: `${phase}: ${message}`,
    },
  ];
}

function pluginTransition(before: PluginStatus | undefined, after: PluginStatus): Occurrence | undefined {
  const { name, phase, reason = phase, message = '', job } = after;
  const same = before?.phase === phase && before.reason === reason && before.job === job;
  switch (phase) {
    case 'Installed': {
      if (before?.phase === phase && before.digest === after.digest) return undefined;
      const release = after.release ? ` as release ${after.release} revision ${after.revision ?? '?'}` : '';
      const verified = { Yes: ', its command succeeded', No: '', NotAsked: ', not judged' }[
        after.verified ?? 'No'
      ];
      return {
        type: 'Normal',
        reason: 'PluginInstalled',
        message: `plugin ${name}: installed${release}${verified}`,
      };
    }
    case 'Failed':
      if (same && before.failedDigest === after.failedDigest) return undefined;
      return {
        type: 'Warning',
        reason: 'PluginFailed',
        message: `plugin ${name}: ${reason}: ${message.slice(0, 600)}\nCorrect the plugin, or have it tried again: kubectl annotate --overwrite vc NAME ${ANNOTATION.retry}=$(date +%s)${job ? `; log: kubectl logs -n ${job.replace('/', ' job/')}` : ''}`,
      };
    case 'Installing':
    case 'Verifying':
      if (job !== undefined && before?.job !== job) {
        return { type: 'Normal', reason: 'PluginInstalling', message: `plugin ${name}: Job ${job}` };
      }
      if (after.message?.startsWith('attempt') && before?.message !== message) {
        return {
          type: 'Warning',
          reason: 'PluginRetrying',
          message: `plugin ${name}: ${reason}: ${message}`,
        };
      }
      return undefined;
    case 'Pending':
      return same ? undefined : { type: 'Warning', reason, message: `plugin ${name}: ${message}` };
  }
}
