import type { Problem } from '#api/problem.ts';

/** How far the cluster itself is, before its plugins. */
export type Stage =
  | { kind: 'pending'; problem: Problem; terminal: boolean }
  | { kind: 'preparing'; problem: Problem; terminal?: boolean }
  /** The control plane answers, and its nodes are on their way. */
  | { kind: 'initialized'; problem: Problem; terminal: boolean }
  /** Control plane or nodes of a cluster that has its plugins are being changed. */
  | { kind: 'updating'; problem: Problem; terminal: boolean }
  | { kind: 'ready' };
