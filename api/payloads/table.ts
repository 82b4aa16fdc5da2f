import { z } from 'zod';
import { chart } from './chart.ts';
import { chartPayload } from './chart-schema.ts';
import { kustomize, kustomizePayload } from './kustomize.ts';
import type { OrderOf, PayloadRow } from './payload-row.ts';
import { yaml, yamlPayload } from './yaml.ts';

/** What `pluginSources` has under the name of each kind. */
const shape = {
  chart: chartPayload,
  yaml: yamlPayload,
  kustomize: kustomizePayload,
};

export type PayloadKind = keyof typeof shape;
const KINDS = Object.keys(shape) as PayloadKind[];
/** For messages and descriptions: `chart, yaml and kustomize`. */
export const PAYLOAD_NAMES = KINDS.join(', ').replace(/, (\w+)$/, ' and $1');

/** What a plugin installs: exactly one payload. */
export const pluginSources = z
  .object(shape)
  .meta({
    'x-kubernetes-validations': [
      {
        rule: `[${KINDS.map((kind) => `has(self.${kind})`).join(', ')}].filter(x, x).size() == 1`,
        message: `a plugin has exactly one of ${PAYLOAD_NAMES}; keep one of them under pluginSources`,
      },
    ],
  })
  .describe(`What is installed: exactly one of ${PAYLOAD_NAMES}.`);

export type PluginSources = z.infer<typeof pluginSources>;

type RowOf<Kind extends PayloadKind> = PayloadRow<NonNullable<PluginSources[Kind]>, OrderOf<Kind>>;

/** Every kind of payload: a file and a row. */
const PAYLOADS: { [Kind in PayloadKind]: RowOf<Kind> } = { chart, yaml, kustomize };

/** A payload of a plugin, beside the row of its kind. */
export type Payload = { kind: PayloadKind; payload: unknown; row: PayloadRow<unknown> };

/** The payloads that a plugin has; more or fewer than one is an error. */
export const payloadsOf = (sources: PluginSources): Payload[] =>
  KINDS.filter((kind) => sources[kind] !== undefined).map((kind) => ({
    kind,
    payload: sources[kind],
    // Sound, because the payload beside it is of the same kind.
    row: PAYLOADS[kind] as PayloadRow<unknown>,
  }));
