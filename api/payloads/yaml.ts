import { z } from 'zod';
import { source } from '../sources/source.ts';
import type { OrderOf, PayloadRow } from './payload-row.ts';

export const yamlPayload = z
  .object({ path: source.describe('A manifest file, or a directory of manifests.') })
  .optional()
  .describe('Plain manifests, applied as they are.');

/** Manifests that are applied as they are. */
export const yaml: PayloadRow<NonNullable<z.infer<typeof yamlPayload>>, OrderOf<'yaml'>> = {
  sources: ({ path }) => [{ slot: 'yaml', field: 'spec.pluginSources.yaml.path', written: path }],
  references: () => [],
  errors: () => [],
  warnings: () => [],
  takesFacts: false,
  order: (_payload, { sourceOf }) => ({ install: { kind: 'yaml', source: sourceOf('yaml') }, files: {} }),
};
