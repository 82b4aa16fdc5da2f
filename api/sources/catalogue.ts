import { CATALOGUE_NAMESPACE } from '../contract/names.ts';
import { invalidSource, type SourceRow } from './source-row.ts';

/** A package that the executor's image has; `path` is its name. */
export type CatalogueLocation = { kind: 'catalogue'; path: string };

export const catalogue: SourceRow<CatalogueLocation, { uri?: string | undefined }> = {
  field: 'uri',
  uri: {
    schemes: ['file'],
    pattern: 'file:///catalogue/[a-z0-9]',
    form: `file:///catalogue/NAME in ${CATALOGUE_NAMESPACE}`,
    description: `In ${CATALOGUE_NAMESPACE} also file:///catalogue/NAME: a package that ships with Pinion.`,
  },
  options: [],
  locate: ({ uri = '' }, field) => locatePackage(uri, `${field}.uri`),
  // They change together with Pinion, so only plugins that ship with Pinion may have them.
  refusedIn: (namespace, field) =>
    namespace === CATALOGUE_NAMESPACE
      ? undefined
      : {
          field: `${field}.uri`,
          message: `${field}.uri: packages of file:///catalogue are for plugins of namespace ${CATALOGUE_NAMESPACE}, not ${namespace}; name the catalogue's plugin in pluginSet.enabled, or use pvPath or an https:// address`,
        },
  references: () => [],
  warnings: () => [],
  delivery: { by: 'image', place: 'catalogue' },
};

function locatePackage(uri: string, field: string): CatalogueLocation {
  const [, name] = /^file:\/\/\/catalogue\/([a-z0-9][-a-z0-9]*)$/.exec(uri) ?? [];
  if (name !== undefined) return { kind: 'catalogue', path: name };
  throw invalidSource(
    `${field} "${uri}" must be file:///catalogue/NAME: no other file is a source; use pvPath, hostPath or an https:// address`,
  );
}
