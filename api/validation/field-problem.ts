import type { z } from 'zod';
import { ReasonedError } from '../errors.ts';
import { parseValues, type Values } from '../payloads/values.ts';

/** `reason` where the status has a word of its own for it. */
export type Problem = { field: string; message: string; reason?: string };
/** Errors forbid the object; warnings are told and no more. Messages name the field, what is wrong, a right one. */
export type Validation = { errors: Problem[]; warnings: string[] };

/** An object whose spec nobody has looked at. */
export type Unchecked<Kind> = Omit<Kind, 'spec'> & { spec: unknown };

const EXAMPLES: Record<string, string> = {
  values:
    'must be a mapping, a string of YAML that is one, or a list of key=value strings, like values: {replicas: 2}',
  hostPath: 'must be a path or {path, nodeName}, like hostPath: {path: /opt/plugins/web, nodeName: worker-1}',
};

/** What zod says of a spec, with the field's path from `spec` on. */
export function problemOfIssue({ path, message }: z.core.$ZodIssue): Problem {
  const field = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`),
    'spec',
  );
  const example = EXAMPLES[String(path.at(-1))];
  return { field, message: `${field} ${example ?? `is not as it should be: ${message}`}` };
}

/** Values in any of their forms must be a mapping. */
export function valuesErrors(values: Values | undefined, field: string): Problem[] {
  if (values === undefined) return [];
  return caught(field, () => parseValues(values));
}

/** The message of what `check` throws for the user, after the field. */
export function caught(field: string, check: () => unknown): Problem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ReasonedError)) throw error;
    // The messages begin with the field's own name.
    const rest = error.message.replace(/^(values|kubeconfig)(?=[ '])/, '');
    return [{ field, message: rest === error.message ? `${field}: ${rest}` : `${field}${rest}` }];
  }
}
