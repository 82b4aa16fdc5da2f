import type { Report } from '#api/contract/report.ts';
import { INVENTORY_KEY, inventoryName } from '#api/contract/target-names.ts';
import {
  FORMER_LIMIT,
  type FormerPlace,
  type InstallationRecord,
  LEFT_LIMIT,
  type PluginInstallationStatus,
} from '#api/kinds/plugininstallation.ts';
import type { Occurrence } from '#kube/event-recorder.ts';
import type { Content } from '#operator/executor-jobs/content.ts';

/*
 * What is in a target and no longer wanted there, until Pinion removes it itself: places that a plugin has moved away
 * from, and objects that it no longer has.
 */

/** Where in a target something is installed: manifests and kustomizations share one inventory. */
const placeOf = ({ kind, targetNamespace, release, targetUid }: InstallationRecord) =>
  [kind === 'chart' ? `release ${release}` : 'manifests', targetNamespace, targetUid].join('\n');

/**
 * The places that a plugin was installed in, or may have been, besides where it is installed now. Of a target that has
 * become another cluster nothing is known any more. Pure.
 */
export function formerPlaces(
  { former = [], installed, installing }: PluginInstallationStatus,
  now: InstallationRecord,
): FormerPlace[] | undefined {
  const before = [installed, installing].flatMap((record) => {
    if (record?.targetNamespace === undefined) return [];
    const { digest: _, targetUid = now.targetUid, ...place } = record;
    return [{ ...place, ...(targetUid !== undefined && { targetUid }) }];
  });
  const places = new Map([...before, ...former].map((place) => [placeOf(place), place]));
  places.delete(placeOf(now));
  const all = [...places.values()].filter(({ targetUid }) => targetUid === now.targetUid);
  return all.length > 0 ? all.slice(0, FORMER_LIMIT) : undefined;
}

/** The content with the former places in its order, so that the executor looks what is still there. */
export function withFormer(content: Content, former: readonly FormerPlace[] = []): Content {
  if (former.length === 0) return content;
  const places = former.map(({ kind, targetNamespace = '', release }) => ({
    kind,
    targetNamespace,
    ...(release !== undefined && { release }),
  }));
  return { ...content, order: { ...content.order, former: places } };
}

/** Of the former places those that still hold something, by the report; all when it says nothing. Pure. */
export function stillHeld(
  former: readonly FormerPlace[] | undefined,
  report: Report | undefined,
): FormerPlace[] | undefined {
  if (former === undefined || report?.former === undefined) return former && [...former];
  const held = report.former.flatMap(({ at, shared }) => {
    const place = former[at];
    return place ? [{ ...place, ...(shared && { shared }) }] : [];
  });
  return held.length > 0 ? held : undefined;
}

/** What a report says of objects that are left, within the limits of the schema. Pure. */
export const leftOf = (report: Report | undefined): PluginInstallationStatus['left'] =>
  report?.left && {
    count: report.left.count,
    objects: report.left.objects.slice(0, LEFT_LIMIT).map((name) => name.slice(0, 512)),
  };

/** What is left in the target, and the commands that remove it there. */
export function whatIsLeft(record: FormerPlace, plugin: { namespace: string; name: string }): string {
  const { kind, release = plugin.name, revision, targetNamespace, shared } = record;
  const namespace = targetNamespace ?? 'NAMESPACE';
  switch (kind) {
    case 'chart': {
      const which = revision === undefined ? '' : ` (revision ${revision})`;
      const what = `Helm release ${release}${which} is still in namespace ${namespace} of the target cluster`;
      return shared
        ? `${what}, and lists objects that the plugin has now. To forget it without deleting them, run there: kubectl delete secret -n ${namespace} -l owner=helm,name=${release}`
        : `${what}. To remove it, run there: helm uninstall ${release} -n ${namespace}`;
    }
    case 'yaml':
    case 'kustomize': {
      const list = `kubectl get configmap ${inventoryName(plugin)} -n ${namespace} -o jsonpath='{.data.${INVENTORY_KEY.replace('.', '\\.')}}'`;
      const items = `jq '{apiVersion: "v1", kind: "List", items: map({apiVersion, kind, metadata: {name, namespace}})}'`;
      return `its objects are still in the target cluster, listed in ConfigMap ${namespace}/${inventoryName(plugin)}. To remove them, run there: ${list} | ${items} | kubectl delete --ignore-not-found -f - && kubectl delete configmap ${inventoryName(plugin)} -n ${namespace}`;
    }
  }
}

/** A Warning once an install has left something behind. */
export function leftBehind(
  { namespace, name }: { namespace: string; name: string },
  before: PluginInstallationStatus | undefined,
  after: PluginInstallationStatus,
): Occurrence | undefined {
  const { phase, job, former = [], left } = after;
  const isNew = phase === 'Installed' && (before?.phase !== phase || before.job !== job);
  if (!isNew || (former.length === 0 && left === undefined)) return undefined;
  const objects =
    left && `${left.count} objects that it no longer has are still in the target: ${left.objects.join(', ')}`;
  const texts = [
    ...former.map((place) => whatIsLeft(place, { namespace, name })),
    ...(objects ? [objects] : []),
  ];
  return { type: 'Warning', reason: 'LeftBehind', message: `plugin ${name}: ${texts.join('; ')}` };
}
