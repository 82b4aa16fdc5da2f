import { refusalReason } from '#api/pod-start.ts';
import type { Problem } from '#api/problem.ts';
import type { POD_GROUPS } from './pod-settings.ts';
import { CONFIG_MAP } from './pod-settings-reader.ts';

type Refused = {
  /** What the API server said. */
  found: string;
  namespace: string;
  group: (typeof POD_GROUPS)[number];
};

const PODS = {
  executor: 'executor pods',
  controlPlane: 'control plane pods',
  worker: 'worker pods',
} as const satisfies Record<Refused['group'], string>;

/** Why the host refuses to create a pod, with what mends it; undefined when the message says nothing that is known. */
export function podRefusal(refused: Refused): Problem | undefined {
  const reason = refusalReason(refused.found);
  if (reason === undefined) return undefined;
  return { reason, message: `${REMEDIES[reason](refused)} (${refused.found})` };
}

const REMEDIES: Record<NonNullable<ReturnType<typeof refusalReason>>, (refused: Refused) => string> = {
  PodSecurityViolation: ({ namespace, group }) =>
    group === 'worker'
      ? `namespace ${namespace} forbids privileged pods, and worker pods are privileged; allow them: kubectl label namespace ${namespace} --overwrite pod-security.kubernetes.io/enforce=privileged`
      : `the Pod Security Standard of namespace ${namespace} forbids the pod`,
  QuotaExceeded: ({ found, namespace, group }) => {
    const missing = demandedBy(found);
    return missing.length > 0
      ? `a quota of namespace ${namespace} counts ${missing.join(', ')}, which ${PODS[group]} don't set; create a LimitRange with defaults there, or set ${missing.map((name) => settingFor(group, name)).join(', ')} in ${settingsName}`
      : `a quota of namespace ${namespace} has no room for ${PODS[group]}; raise it, or request less`;
  },
  LimitRangeViolation: ({ namespace, group }) =>
    `a LimitRange of namespace ${namespace} refuses ${PODS[group]}; change it, or set ${group}.resources in ${settingsName}`,
  AdmissionRefused: ({ group }) =>
    `an admission policy refuses ${PODS[group]}; set the labels, annotations or resources that it demands in ${settingsName}, or exempt the namespace`,
};

const settingsName = `ConfigMap pinion-system/${CONFIG_MAP}`;

/** The resources that a quota wants every container to set, as it names them: `limits.cpu`. */
function demandedBy(found: string): string[] {
  const [, demands = ''] = /must specify (.*)$/s.exec(found) ?? [];
  const named = demands.split(';').flatMap((demand) => demand.split(' for:', 1)[0]?.split(',') ?? []);
  return named.map((name) => name.trim()).filter((name) => name !== '');
}

const settingFor = (group: Refused['group'], resource: string) =>
  `${group}.resources.${/^(limits|requests)\./.test(resource) ? resource : `requests.${resource}`}`;
