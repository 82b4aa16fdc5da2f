import * as z from 'zod/mini';
import { SLOTS } from './slots.ts';

/** The directories that a source may be in: the slots of the pod, and what the executor's image brings. */
const PLACES = [...SLOTS, 'catalogue'] as const;
export type Place = (typeof PLACES)[number];

const sourcePath = z.object({
  slot: z.enum(PLACES),
  /** Relative to the slot's directory; '' is the directory itself. */
  path: z.string(),
});

/** One file of values, in the order in which they are given to helm: later ones win. */
const valuesFile = z.union([
  z.object({ from: z.literal('source'), source: sourcePath }),
  /**
   * A key of the work order's Secret; `secret` ones have every scalar of them redacted in all output. With `ifNamed`
   * it is given only to a chart that has that key, or whose other files of values have it.
   */
  z.object({
    from: z.literal('order'),
    key: z.string(),
    secret: z.boolean(),
    ifNamed: z.optional(z.string()),
  }),
  /** A key that holds a JSON list of expressions, each as `helm --set` takes it. */
  z.object({ from: z.literal('set'), key: z.string() }),
]);

/** How a chart gets into the target. */
export const APPLY_METHODS = ['ServerSide', 'ClientSide', 'Auto'] as const;
export type ApplyMethod = (typeof APPLY_METHODS)[number];

/** What an executor does with a plugin in its target. */
export const ACTIONS = ['install'] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * What the operator asks of one executor: `order.json` of the Job's Secret, beside `kubeconfig` and the files of
 * values. Everything in it is resolved: the executor needs neither kind and no host API.
 */
export const workOrder = z.object({
  version: z.literal(1),
  action: z.enum(ACTIONS),
  cluster: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  plugin: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    generation: z.int(),
  }),
  digest: z.string(),
  /** The first of the Jobs that have this to do: what one of them has deployed needs no other revision. */
  job: z.optional(z.string()),
  targetNamespace: z.string(),
  timeoutMs: z.int().check(z.positive()),
  /** A chart may take over objects that Pinion has not made. */
  takeOwnership: z.optional(z.boolean()),
  /** Other places where the plugin was installed before: what is still there is reported. */
  former: z.optional(
    z.array(
      z.object({
        kind: z.enum(['chart', 'yaml', 'kustomize']),
        targetNamespace: z.string(),
        release: z.optional(z.string()),
      }),
    ),
  ),
  install: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('chart'),
      chart: sourcePath,
      releaseName: z.string().check(z.maxLength(53)),
      valuesFiles: z.array(valuesFile),
      wait: z.boolean(),
      /** Absent: Auto. */
      apply: z.optional(z.enum(APPLY_METHODS)),
    }),
    z.object({ kind: z.literal('yaml'), source: sourcePath }),
    z.object({ kind: z.literal('kustomize'), source: sourcePath }),
  ]),
  verify: z.optional(z.object({ command: z.string(), timeoutMs: z.int().check(z.positive()) })),
  /** Cluster-wide options: PLUGIN_OPTION_<NAME> for the command, data of plugin-options.yaml for a kustomization. */
  options: z.record(z.string(), z.string()),
});
export type WorkOrder = z.infer<typeof workOrder>;

export type Payload = WorkOrder['install'];
export type PayloadKind = Payload['kind'];
export type PayloadOf<Kind extends PayloadKind> = Extract<Payload, { kind: Kind }>;

/** The Helm release that an order is about; undefined for a payload that is applied as manifests. */
export const releaseOf = ({ install }: WorkOrder): string | undefined =>
  'releaseName' in install ? install.releaseName : undefined;

/** What the init container fetches: the JSON in its environment variable PINION_FETCH. It holds no secret. */
export const fetchOrder = z.object({
  version: z.literal(1),
  timeoutMs: z.int().check(z.positive()),
  allowSourceCidrs: z.array(z.string()),
  sourceSecureLoose: z.boolean(),
  items: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('uri'),
        slot: z.enum(SLOTS),
        uri: z.string(),
        sha256: z.optional(z.string()),
        /** Whether a Secret is mounted at credentialsDirectory(slot). */
        credentials: z.boolean(),
      }),
      z.object({
        kind: z.literal('repository'),
        slot: z.enum(SLOTS),
        repo: z.string(),
        name: z.optional(z.string()),
        version: z.optional(z.string()),
        credentials: z.boolean(),
      }),
    ]),
  ),
});
export type FetchOrder = z.infer<typeof fetchOrder>;

export type FetchItem = FetchOrder['items'][number];
export type FetchItemKind = FetchItem['kind'];
export type FetchItemOf<Kind extends FetchItemKind> = Extract<FetchItem, { kind: Kind }>;
