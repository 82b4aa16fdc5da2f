/** The places of an executor pod that hold a source; each is one read-only directory. */
export const SLOTS = ['chart', 'values-file', 'yaml', 'kustomize'] as const;
export type Slot = (typeof SLOTS)[number];
