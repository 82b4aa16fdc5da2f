import type { z } from 'zod';
import type { FieldProblem } from '../problem.ts';

/** Errors forbid the object; warnings are told and no more. Messages name the field, what is wrong, a right one. */
export type Validation = { errors: FieldProblem[]; warnings: string[] };

/** An object whose spec nobody has looked at. */
export type Unchecked<Kind> = Omit<Kind, 'spec'> & { spec: unknown };

const EXAMPLES: Record<string, string> = {
  values:
    'must be a mapping, a string of YAML that is one, or a list of key=value strings, like values: {replicas: 2}',
  hostPath: 'must be a path or {path, nodeName}, like hostPath: {path: /opt/plugins/web, nodeName: worker-1}',
};

/** What zod says of a spec, with the field's path from `spec` on. */
export function problemOfIssue({ path, message }: z.core.$ZodIssue): FieldProblem {
  const field = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`),
    'spec',
  );
  const example = EXAMPLES[String(path.at(-1))];
  return { field, message: `${field} ${example ?? `is not as it should be: ${message}`}` };
}
