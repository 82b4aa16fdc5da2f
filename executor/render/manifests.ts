import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { Failure } from '../failure.ts';
import { LIMIT, mebibytes } from '../source/limits.ts';

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
  const charge = createCharge(file, content.length + LIMIT.aliases);
  const documents = content
    .replace(/^\uFEFF/, '')
    .split(/^---(?=\s|$).*$/m)
    .flatMap((text, index) => readDocument(file, index + 1, text));
  for (const { document } of documents) charge(document);
  return documents.flatMap(({ document, text, number }) => toObjects(document, text, file, number));
}

function readDocument(file: string, number: number, text: string) {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: YAML11_SCHEMA }) as unknown[];
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0];
    throw new Failure('SourceInvalid', `${file}, document ${number}, is not YAML: ${why}`, { cause });
  }
  return documents
    .filter((document) => document !== null && document !== undefined)
    .map((document) => ({ document, text, number }));
}

/** More than the parser takes; only aliases of aliases are deeper. */
const MAX_DEPTH = 200;

/**
 * Counts what is read, written out, against a limit for the whole file: a short text with aliases of aliases can
 * mean far more than memory holds, and an alias of what it is in has no end.
 */
function createCharge(file: string, limit: number): (document: unknown) => void {
  let size = 0;
  const visit = (node: unknown, depth: number): void => {
    size += typeof node === 'string' ? node.length + 1 : 1;
    if (size > limit || depth > MAX_DEPTH) {
      throw new Failure(
        'SourceInvalid',
        `${file}: its aliases (*name) expand to more than ${mebibytes(LIMIT.aliases)}, or nest more than ${MAX_DEPTH} levels deep; replace them with their content`,
      );
    }
    if (node === null || typeof node !== 'object') return;
    if (!Array.isArray(node)) for (const key of Object.keys(node)) size += key.length;
    for (const inner of Object.values(node)) visit(inner, depth + 1);
  };
  return (document) => visit(document, 0);
}

/** @param text of the document; undefined for an item of a List, which has none of its own */
function toObjects(
  document: unknown,
  text: string | undefined,
  file: string,
  number: number,
): ManifestObject[] {
  const refuse = (why: string): never => {
    throw new Failure('SourceInvalid', `${file}, document ${number}, ${why}`);
  };
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return refuse('is not a Kubernetes object');
  }
  const { apiVersion, kind, metadata, items } = document as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return refuse('is not a Kubernetes object: it needs apiVersion and kind');
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item) => toObjects(item, undefined, file, number));
  }
  const { name, namespace } = (metadata ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') {
    return refuse(`is a ${kind} without metadata.name (generateName can't be applied)`);
  }
  return [
    {
      apiVersion,
      kind,
      name,
      namespace: typeof namespace === 'string' ? namespace : undefined,
      text: text ?? JSON.stringify(document),
      file,
    },
  ];
}

/** Namespaces and definitions first: all else may live in them or be of their kinds. */
export function inOrder(objects: readonly ManifestObject[]): [ManifestObject[], ManifestObject[]] {
  const early = (object: ManifestObject) => object.kind === 'Namespace' || isDefinition(object);
  return [objects.filter(early), objects.filter((object) => !early(object))];
}

export const isDefinition = ({ kind, apiVersion }: { kind: string; apiVersion: string }) =>
  kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
