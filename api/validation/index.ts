/**
 * The checks of a single object that a schema can't express. The webhook refuses objects with errors at apply; the
 * operator runs the same checks before every Job, because the webhook may have been unavailable.
 */
import type { FieldProblem } from '../problem.ts';

export type { Validation } from './field-problem.ts';
export { validateCluster } from './validate-cluster.ts';
export { validatePlugin } from './validate-plugin.ts';

/** The message of a refusal with these errors. */
export const describeProblems = (errors: readonly FieldProblem[]): string =>
  errors.map(({ message }) => message).join('; ');
