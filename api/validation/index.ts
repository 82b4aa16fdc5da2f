/**
 * The checks of one object by itself that a schema can't make: the webhook refuses by them at apply, and the
 * operator makes them before every Job, because the webhook may have been away.
 */
import type { FieldProblem } from '../problem.ts';

export type { Validation } from './field-problem.ts';
export { validateCluster } from './validate-cluster.ts';
export { validatePlugin } from './validate-plugin.ts';

/** All errors as the text of one refusal. */
export const describeProblems = (errors: readonly FieldProblem[]): string =>
  errors.map(({ message }) => message).join('; ');
