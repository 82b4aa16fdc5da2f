/** An object of a chart, the status that its controller would give it, and how far that is. */
export type Case = {
  name: string;
  is: 'Ready' | 'InProgress' | 'Failed';
  object: Record<string, unknown>;
  status?: object;
  /** It is deleted, and a finalizer keeps it. */
  deleted?: true;
};

/** The metadata of an object; the test gives it a name. */
export const meta = (fields: object = {}) => ({ metadata: fields });
/** Of one container. */
export const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'a', image: 'a' }] },
};
/** Of the pods of `template`. */
export const selector = { matchLabels: { app: 'a' } };
/** An object of the group apps. */
export const workload = (kind: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  ...meta(metadata),
  spec: { selector, template, ...spec },
});
/** A condition of a status. */
export const condition = (type: string, status = 'True', reason = 'R') => ({
  type,
  status,
  reason,
  message: 'm',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
/** Its controller has seen the first generation. */
export const seen = { observedGeneration: 1 };
