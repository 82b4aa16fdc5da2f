import { z } from 'zod';
import type { Settings } from '../settings.ts';
import { invalidSource, noParent, refuseParent, type SourceRow } from './source-row.ts';

/** `path` is relative to the root of the volume; '' is all of it. */
export type ClaimLocation = { kind: 'claim'; claim: string; path: string };

export const pvPath = z
  .string()
  .min(1)
  .max(1024)
  .optional()
  .meta({ 'x-kubernetes-validations': [noParent('pvPath')] })
  .describe(
    "A path in a PersistentVolumeClaim of the plugin's namespace, as claim:path. An absolute path is the path in a pod that mounts the claim at the first segment (claim:/pv/charts/a is charts/a in the volume); a relative path starts at the root of the volume. A path without a claim is in the operator's --plugin-store-claim.",
  );

export const claim: SourceRow<ClaimLocation, { pvPath?: string | undefined }> = {
  field: 'pvPath',
  options: [],
  locate: ({ pvPath: path = '' }, field, settings) => locateClaim(path, `${field}.pvPath`, settings),
  references: (location, field) => [
    { kind: 'PersistentVolumeClaim', field: `${field}.pvPath`, name: location.claim },
  ],
  warnings: () => [],
  delivery: {
    by: 'volume',
    // readOnly belongs to the mounts: some drivers refuse a read-only claim that a pod has mounted to write.
    volume: (location) => ({ persistentVolumeClaim: { claimName: location.claim } }),
    isShared: true,
  },
};

/** `claim:/pv/charts/a` and `claim:charts/a` are both charts/a in the volume: see docs/virtualclusterplugin.md. */
function locateClaim(path: string, field: string, settings: Settings): ClaimLocation {
  const [, named, rest = ''] = /^(?:([^:/]+):)?(.*)$/s.exec(path) ?? [];
  refuseParent(rest, field);
  const name = named ?? settings.pluginStoreClaim;
  if (name === undefined) {
    throw invalidSource(
      `${field} "${path}" names no claim and the operator runs without --plugin-store-claim; write claim:/path, like plugin-store:/pv/web`,
    );
  }
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
    throw invalidSource(`${field} "${path}": "${name}" is not a valid name of a claim; write claim:/path`);
  }
  const segments = rest.split('/').filter((segment) => segment !== '' && segment !== '.');
  const inVolume = rest.startsWith('/') ? segments.slice(1) : segments;
  return { kind: 'claim', claim: name, path: inVolume.join('/') };
}
