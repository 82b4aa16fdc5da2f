import type { z } from 'zod';
import type { FieldProblem } from '../problem.ts';

/** Errors refuse the object; warnings do not. Messages name the field, what was found and a right value. */
export type Validation = { errors: FieldProblem[]; warnings: string[] };

/** An object whose spec has not been parsed. */
export type Unchecked<Kind> = Omit<Kind, 'spec'> & { spec: unknown };

const EXAMPLES: Record<string, string> = {
  values:
    'must be a mapping, a string of YAML with a mapping, or a list of key=value strings, like values: {replicas: 2}',
  hostPath: 'must be a path or {path, nodeName}, like hostPath: {path: /opt/plugins/web, nodeName: worker-1}',
};

/** The problem of a zod issue, with the field's path from `spec` on. */
export function problemOfIssue({ path, message }: z.core.$ZodIssue): FieldProblem {
  const field = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`),
    'spec',
  );
  const example = EXAMPLES[String(path.at(-1))];
  return { field, message: `${field} ${example ?? `is invalid: ${message}`}` };
}
