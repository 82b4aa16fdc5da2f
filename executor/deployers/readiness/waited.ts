import { type ManifestObject, readManifests } from '../../render/manifests.ts';
import { canBeUnready } from './kinds.ts';

/** One object whose readiness is waited for. */
export type Waited = { apiVersion: string; kind: string; name: string; namespace: string | undefined };

/** Separators of documents, as helm writes them into a release's manifest. */
const SEPARATOR = /^---(?=\s|$).*$/m;

/**
 * The objects of a release's manifest that can be unready. Documents whose first look shows a kind that can't are not
 * parsed: a release has megabytes of them.
 */
export function waitedFor(manifest: string, note: (text: string) => void): Waited[] {
  return manifest
    .split(SEPARATOR)
    .filter((text) => mayMatter(text))
    .flatMap((text) => read(text, note))
    .filter(canBeUnready)
    .map(({ apiVersion, kind, name, namespace }: ManifestObject) => ({ apiVersion, kind, name, namespace }));
}

/** Helm has applied it, so that it can't be read here is no failure. */
function read(text: string, note: (text: string) => void): ManifestObject[] {
  try {
    return readManifests('the release', text);
  } catch (error) {
    note(`not waited for: ${(error as Error).message}`);
    return [];
  }
}

function mayMatter(text: string): boolean {
  const apiVersion = plain('apiVersion').exec(text)?.[1];
  const kind = plain('kind').exec(text)?.[1];
  if (apiVersion === undefined || kind === undefined) return /\S/.test(text);
  return kind.endsWith('List') || canBeUnready({ apiVersion, kind });
}

/** A top-level field with a plain or quoted value and nothing that could make it something else. */
const plain = (field: string) =>
  new RegExp(`^${field}:[ \\t]+["']?([A-Za-z0-9./-]+)["']?[ \\t]*(?:#.*)?\\r?$`, 'm');
