import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { Failure } from '../failure.ts';

/** One object of a manifest. `text` is what the API server gets: it reads YAML as Kubernetes does. */
export type ManifestObject = {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string | undefined;
  text: string;
  file: string;
};

/**
 * The objects of a file: documents separated by `---`, Lists taken apart. A document is passed on as it was
 * written, because a parser of YAML 1.2 reads `mode: 0644` and `flag: yes` differently from Kubernetes.
 * @throws Failure `SourceInvalid`: no YAML, or no object; the message names file and document
 */
export function readManifests(file: string, content: string): ManifestObject[] {
  return content
    .replace(/^﻿/, '')
    .split(/^---(?=\s|$).*$/m)
    .flatMap((text, index) => readDocument(file, index + 1, text));
}

function readDocument(file: string, number: number, text: string): ManifestObject[] {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: YAML11_SCHEMA }) as unknown[];
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0];
    throw new Failure('SourceInvalid', `${file}, document ${number}, is not YAML: ${why}`, { cause });
  }
  return documents
    .filter((document) => document !== null && document !== undefined)
    .flatMap((document) => toObjects(document, text, file, number));
}

function toObjects(document: unknown, text: string, file: string, number: number): ManifestObject[] {
  const refuse = (why: string): never => {
    throw new Failure('SourceInvalid', `${file}, document ${number}, ${why}`);
  };
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return refuse('is no Kubernetes object');
  }
  const { apiVersion, kind, metadata, items } = document as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return refuse('is no Kubernetes object: it needs apiVersion and kind');
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item) => toObjects(item, JSON.stringify(item), file, number));
  }
  const { name, namespace } = (metadata ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') {
    return refuse(`is a ${kind} without metadata.name (generateName can't be applied)`);
  }
  return [
    { apiVersion, kind, name, namespace: typeof namespace === 'string' ? namespace : undefined, text, file },
  ];
}

/** Namespaces and definitions first: all else may live in them or be of their kinds. */
export function inOrder(objects: readonly ManifestObject[]): [ManifestObject[], ManifestObject[]] {
  const early = (object: ManifestObject) => object.kind === 'Namespace' || isDefinition(object);
  return [objects.filter(early), objects.filter((object) => !early(object))];
}

export const isDefinition = ({ kind, apiVersion }: { kind: string; apiVersion: string }) =>
  kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
