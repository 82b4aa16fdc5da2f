import { z } from 'zod';
import { source } from '../sources/source.ts';
import type { OrderOf, PayloadRow } from './payload-row.ts';

export const kustomizePayload = z
  .object({ path: source.describe('A directory that holds a kustomization file.') })
  .optional()
  .describe('A kustomization.');

/** A kustomization: the executor builds it and applies the result. */
export const kustomize: PayloadRow<NonNullable<z.infer<typeof kustomizePayload>>, OrderOf<'kustomize'>> = {
  sources: ({ path }) => [{ slot: 'kustomize', field: 'spec.pluginSources.kustomize.path', written: path }],
  references: () => [],
  errors: () => [],
  warnings: () => [],
  takesFacts: false,
  order: (_payload, { sourceOf }) => ({
    install: { kind: 'kustomize', source: sourceOf('kustomize') },
    files: {},
  }),
};
