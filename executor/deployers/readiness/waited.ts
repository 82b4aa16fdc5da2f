import { readAllYaml } from '#api/yaml.ts';
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
    .map(({ apiVersion, kind, name, namespace }) => ({ apiVersion, kind, name, namespace }));
}

/** Helm has applied it, so that it can't be read here is no failure. */
function read(text: string, note: (text: string) => void): Waited[] {
  try {
    return readAllYaml(text).flatMap(toWaited);
  } catch (error) {
    note(`not waited for: ${(error as Error).message}`);
    return [];
  }
}

type Read = {
  apiVersion?: unknown;
  kind?: unknown;
  metadata?: { name?: unknown; namespace?: unknown } | null;
  items?: unknown;
};

/** An object's names, a List's items; nothing of what is neither. */
function toWaited(document: unknown): Waited[] {
  const { apiVersion, kind, metadata, items } = (document ?? {}) as Read;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap(toWaited);
  const { name, namespace } = metadata ?? {};
  if (typeof name !== 'string') return [];
  return [{ apiVersion, kind, name, namespace: typeof namespace === 'string' ? namespace : undefined }];
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
