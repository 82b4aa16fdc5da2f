import type { PluginInstallation } from '#api/kinds/objects.ts';
import type { InstallationRecord } from '#api/kinds/plugininstallation.ts';
import type { Leftover } from './hold-input.ts';

/** What is in the target of plugins that are not wanted (any more), by their records. Pure. */
export function leftoversOf(
  installations: readonly PluginInstallation[],
  wanted: ReadonlySet<string>,
): Leftover[] {
  return installations.flatMap(({ metadata, spec, status }) => {
    const plugin = spec.pluginRef.name;
    const record = status?.installed ?? status?.installing;
    return record === undefined || wanted.has(plugin)
      ? []
      : [{ installation: metadata.name, plugin, record }];
  });
}

/** The plugin that has the release of a record now, other than the one it is of. */
export function heirOf(
  plugin: string,
  record: InstallationRecord | undefined,
  installations: readonly PluginInstallation[],
): string | undefined {
  if (record?.kind !== 'chart') return undefined;
  const heir = installations.find(({ spec, status }) => {
    const other = status?.installing ?? status?.installed;
    return (
      spec.pluginRef.name !== plugin &&
      spec.state !== 'Absent' &&
      other?.kind === 'chart' &&
      other.release === (record.release ?? plugin) &&
      other.targetNamespace === record.targetNamespace
    );
  });
  return heir?.spec.pluginRef.name;
}
