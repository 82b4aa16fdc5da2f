import { z } from 'zod';

/** A node of a structural OpenAPI v3 schema, as CustomResourceDefinitions carry it. */
export type Structural = { [keyword: string]: unknown };

/** Keywords of JSON Schema that structural schemas do not have, and marks that only this file reads. */
const DROPPED = new Set(['$schema', 'propertyNames', 'typeless', 'anyOf', 'oneOf', 'allOf']);

/**
 * The structural schema of what a zod schema reads. The marks in `.meta()` decide where the two differ:
 * `typeless` becomes a field of any type, `x-kubernetes-*` and `default` are kept.
 */
export function structuralSchema(schema: z.ZodType): Structural {
  return convert(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as Structural);
}

function convert(node: Structural): Structural {
  if (node['typeless'] === true) {
    return { description: node['description'], 'x-kubernetes-preserve-unknown-fields': true };
  }
  const result: Structural = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (!DROPPED.has(keyword)) Object.assign(result, convertKeyword(keyword, value));
  }
  if (node['x-kubernetes-int-or-string'] === true) Object.assign(result, patternOfText(node));
  if (result['format'] === 'date-time') delete result['pattern'];
  if (result['type'] === 'integer') result['format'] = 'int64';
  return result;
}

function convertKeyword(keyword: string, value: unknown): Structural {
  switch (keyword) {
    case 'properties':
      return { properties: mapValues(value as Record<string, Structural>, convert) };
    case 'items':
      return { items: convert(value as Structural) };
    case 'additionalProperties':
      // `false` would reject fields that the API server prunes, and that strict validation names anyway.
      return typeof value === 'object' ? { additionalProperties: convert(value as Structural) } : {};
    case 'minimum':
    case 'maximum':
      // zod gives every integer the bounds of a double's exact range.
      return Math.abs(value as number) === Number.MAX_SAFE_INTEGER ? {} : { [keyword]: value };
    default:
      return { [keyword]: value };
  }
}

/** An int-or-string has no type; bounds on its text stay. */
function patternOfText(node: Structural): Structural {
  const text = (node['anyOf'] as Structural[] | undefined)?.find(({ type }) => type === 'string') ?? {};
  const { pattern, maxLength } = text;
  return { ...(pattern ? { pattern } : {}), ...(maxLength ? { maxLength } : {}) };
}

const mapValues = <T, U>(of: Record<string, T>, change: (value: T) => U) =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]));
