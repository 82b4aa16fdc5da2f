import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { z } from 'zod';
import { ReasonedError } from '#api/errors.ts';
import { quantityValue } from '#api/quantity.ts';

/** The pods that Pinion creates, by what an administrator sets for them. */
export const POD_GROUPS = ['executor', 'controlPlane', 'worker'] as const;
type PodGroup = (typeof POD_GROUPS)[number];

/** Programs of a control plane, whose resources can be set one by one. */
const CONTAINERS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'konnectivity-server',
] as const;

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** What Pinion, or a controller of the host, recognises pods by. */
const RESERVED =
  /^((.+\.)?kosmos\.io\/.*|app\.kubernetes\.io\/(name|component|part-of)|((batch|apps|statefulset)\.kubernetes\.io\/.*)|job-name|controller-uid|(pod-template|controller-revision)-hash)$/;

const text = (pattern: RegExp, what: string) => z.string(what).regex(pattern, what);
const name = text(NAME, 'must be the name of an object');
const key = z
  .string()
  .regex(LABEL_KEY, 'is not a valid key; give one like example.com/team')
  .refine((given) => !RESERVED.test(given), 'is set by Pinion or by Kubernetes; remove it');
const quantity = z
  .union([z.string(), z.number()], 'is not a quantity; give one like 500m or 1Gi')
  .refine((given) => quantityValue(given) >= 0, 'is not a quantity; give one like 500m or 1Gi')
  .transform(String);
const quantities = z.record(z.string(), quantity, 'must be a mapping like {cpu: 500m, memory: 1Gi}');
const resources = z
  .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
  .superRefine(({ requests = {}, limits = {} }, context) => {
    for (const [resource, limit] of Object.entries(limits)) {
      if (!(quantityValue(requests[resource] ?? 0) > quantityValue(limit))) continue;
      const message = `${requests[resource]} is more than the limit ${limit}; lower it, or raise the limit`;
      context.addIssue({ code: 'custom', path: ['requests', resource], message });
    }
  });

const toleration = z
  .strictObject({
    key: z.string().optional(),
    operator: z.enum(['Exists', 'Equal'], 'must be Exists or Equal').optional(),
    value: z.string('must be a text; quote it').optional(),
    effect: z
      .enum(
        ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
        'must be NoSchedule, PreferNoSchedule or NoExecute',
      )
      .optional(),
    tolerationSeconds: z.number('must be a number').int('must be a whole number').optional(),
  })
  .refine((given) => given.key || given.operator === 'Exists', 'has no key, so its operator must be Exists')
  .refine((given) => !(given.operator === 'Exists' && given.value), 'has operator Exists; remove its value')
  .refine(
    (given) => given.tolerationSeconds === undefined || given.effect === 'NoExecute',
    'has tolerationSeconds, so its effect must be NoExecute',
  );

const common = {
  labels: z.record(key, text(LABEL_VALUE, 'must be a label value of at most 63 characters; quote it')),
  annotations: z.record(key, z.string('must be a text; quote it')),
  nodeSelector: z
    .record(text(LABEL_KEY, 'is not a label key'), text(LABEL_VALUE, 'must be a label value; quote it'))
    .refine(
      (given) => (given['kubernetes.io/os'] ?? 'linux') === 'linux',
      "must keep kubernetes.io/os: linux: Pinion's programs run on nothing else",
    ),
  tolerations: z.array(toleration, 'must be a list of tolerations'),
  priorityClassName: name,
  imagePullSecrets: z.array(z.strictObject({ name }), 'must be a list like [{name: registry}]'),
  resources,
};
const sized = resources.refine(
  ({ requests, limits }) => ![requests, limits].some((one) => one?.['cpu'] || one?.['memory']),
  'must not set cpu and memory: each VirtualCluster sets those of its worker pods; remove them',
);
const containers = z.partialRecord(
  z.enum(CONTAINERS, `must be one of ${CONTAINERS.join(', ')}`),
  z.strictObject({ resources }),
);

const SCHEMAS = {
  executor: z.strictObject(common).partial(),
  controlPlane: z.strictObject({ ...common, containers }).partial(),
  worker: z.strictObject({ ...common, resources: sized }).partial(),
} satisfies Record<PodGroup, z.ZodType>;

/** What an administrator sets for the pods of one group. */
export type GroupSettings = z.infer<typeof SCHEMAS.executor> & {
  containers?: Partial<Record<string, { resources: z.infer<typeof resources> }>> | undefined;
};
export type ResourceSettings = z.infer<typeof resources>;
export type PodSettings = Record<PodGroup, GroupSettings>;

export const NO_POD_SETTINGS: PodSettings = { executor: {}, controlPlane: {}, worker: {} };

/**
 * The settings in a ConfigMap: a key for each group, with YAML.
 * @throws ReasonedError `InvalidPodSettings`: the message begins with `where` and names the field
 */
export function parsePodSettings(data: Readonly<Record<string, string>>, where: string): PodSettings {
  const unknown = Object.keys(data).find((given) => !(POD_GROUPS as readonly string[]).includes(given));
  if (unknown !== undefined) {
    throw invalid(where, `the key ${unknown} is unknown; the keys are ${POD_GROUPS.join(', ')}`);
  }
  return {
    executor: groupOf('executor', data, where),
    controlPlane: groupOf('controlPlane', data, where),
    worker: groupOf('worker', data, where),
  };
}

function groupOf(group: PodGroup, data: Readonly<Record<string, string>>, where: string): GroupSettings {
  const parsed = SCHEMAS[group].safeParse(read(group, data[group] ?? '', where));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [group, ...(issue?.path ?? [])].map(String);
  if (issue?.code === 'unrecognized_keys') {
    throw invalid(where, `${path.join('.')}: unknown field ${issue.keys.join(', ')}; remove it`);
  }
  const message = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  throw invalid(where, `${path.join('.')} ${message}`);
}

function read(group: PodGroup, yaml: string, where: string): unknown {
  try {
    const [first, second] = loadAll(yaml, { schema: YAML11_SCHEMA });
    if (second === undefined) return first ?? {};
  } catch (error) {
    throw invalid(where, `${group} is not YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  throw invalid(where, `${group} holds several YAML documents; merge them into one`);
}

const invalid = (where: string, message: string) =>
  new ReasonedError('InvalidPodSettings', `${where}: ${message}`);
