import type { Problem } from '#api/problem.ts';

/** The state of the cluster itself, before its plugins. */
export type Stage =
  | { kind: 'pending'; problem: Problem; terminal: boolean }
  | { kind: 'preparing'; problem: Problem; terminal?: boolean }
  /** The control plane answers, and its nodes are not ready yet. */
  | { kind: 'initialized'; problem: Problem; terminal: boolean }
  /** Control plane or nodes of a cluster with installed plugins are being changed. */
  | { kind: 'updating'; problem: Problem; terminal: boolean }
  | { kind: 'ready' };
