import { canonicalJson, sha256 } from '#api/contract/names.ts';
import { quantityValue } from '#api/quantity.ts';
import type { GroupSettings, ResourceSettings } from './pod-settings.ts';

/** The parts of a pod, or of a pod template, that settings change. */
type PodParts = {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    containers: { name: string; resources?: ResourceSettings }[];
    nodeSelector?: Record<string, string>;
    tolerations?: object[];
    priorityClassName?: string;
    imagePullSecrets?: object[];
  };
};

/** Nodes with another system can't run Pinion's images. */
const LINUX = { 'kubernetes.io/os': 'linux' };

/** A pod or a pod template for Linux nodes, with what the administrator sets for its group. Pure. */
export function withPodSettings<T extends PodParts>(pod: T, settings: GroupSettings): T {
  const { metadata, spec } = pod;
  const { tolerations = [], imagePullSecrets = [], priorityClassName, nodeSelector } = settings;
  const allTolerations = [...(spec.tolerations ?? []), ...tolerations];
  return {
    ...pod,
    metadata: withMetadataSettings(metadata, settings),
    spec: {
      ...spec,
      nodeSelector: { ...LINUX, ...spec.nodeSelector, ...nodeSelector },
      ...(allTolerations.length > 0 && { tolerations: allTolerations }),
      ...(priorityClassName !== undefined && { priorityClassName }),
      ...(imagePullSecrets.length > 0 && { imagePullSecrets }),
      containers: spec.containers.map((container) => withResources(container, settings)),
    },
  };
}

/** Labels and annotations of the group, for its pods and for what creates them. What Pinion needs itself stays. */
export function withMetadataSettings<T extends PodParts['metadata']>(
  metadata: T,
  { labels = {}, annotations = {} }: GroupSettings,
): T {
  return {
    ...metadata,
    ...(hasKeys(labels) && { labels: { ...labels, ...metadata.labels } }),
    ...(hasKeys(annotations) && { annotations: { ...metadata.annotations, ...annotations } }),
  };
}

function withResources<C extends PodParts['spec']['containers'][number]>(
  container: C,
  group: GroupSettings,
): C {
  const own = group.containers?.[container.name]?.resources;
  const requested = merged(group.resources, own);
  if (!hasKeys(requested.requests) && !hasKeys(requested.limits)) return container;
  const limits = { ...container.resources?.limits, ...requested.limits };
  const defaults = Object.entries(container.resources?.requests ?? {});
  // A default may be more than the administrator's limit, which the API server would refuse.
  const lowered = defaults.map(([name, request]) => [name, smaller(request, limits[name])]);
  const requests = { ...Object.fromEntries(lowered), ...requested.requests };
  return { ...container, resources: { requests, ...(hasKeys(limits) && { limits }) } };
}

const merged = (group: ResourceSettings = {}, own: ResourceSettings = {}) => ({
  requests: { ...group.requests, ...own.requests },
  limits: { ...group.limits, ...own.limits },
});

const smaller = (request: string, limit: string | undefined) =>
  limit !== undefined && quantityValue(limit) < quantityValue(request) ? limit : request;

const hasKeys = (map: object | undefined) => map !== undefined && Object.keys(map).length > 0;

/** What tells settings of a group from others; undefined for none. */
export const podSettingsHash = (settings: GroupSettings): string | undefined =>
  hasKeys(settings) ? sha256(canonicalJson(settings)).slice(0, 16) : undefined;
