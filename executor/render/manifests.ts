import * as z from 'zod/mini';
import { escapeForYaml } from '#api/yaml.ts';
import { Failure } from '../failure.ts';
import { LIMIT } from '../source/limits.ts';
import { runReader } from './reader.ts';

/** One object of a manifest. `text` is the JSON that kubectl would send. */
export type ManifestObject = {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string | undefined;
  text: string;
  file: string;
};

/** A line that reader prints: an object, or what is wrong with a file. */
const line = z.object({
  file: z.string(),
  document: z.optional(z.int()),
  error: z.optional(z.string()),
  apiVersion: z.optional(z.string()),
  kind: z.optional(z.string()),
  name: z.optional(z.string()),
  namespace: z.optional(z.string()),
  text: z.optional(z.string()),
});
type Line = z.infer<typeof line>;

/**
 * The objects of manifests as `kubectl apply` reads them, Lists taken apart: with kubectl's own code, in one process for
 * all files. A parser of our own would be another opinion on what `yes`, `0644`, `12:30` and a merge key mean.
 * @throws Failure `SourceInvalid`: no YAML, or no object; the message names file and document
 */
export async function readManifests(
  context: Parameters<typeof runReader>[0],
  manifests: { file: string; text: string }[],
): Promise<ManifestObject[]> {
  const input = { limit: LIMIT.aliases, manifests };
  const printed = await runReader(context, 'objects', input, {
    limit: LIMIT.objects,
    refused: 'SourceInvalid',
  });
  return printed
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => toObject(line.parse(JSON.parse(text))));
}

function toObject({ file, document, error, apiVersion, kind, name, namespace, text }: Line): ManifestObject {
  const refuse = (why: string): never => {
    const where = document === undefined ? `${file}:` : `${file}, document ${document},`;
    throw new Failure('SourceInvalid', `${where} ${why}`);
  };
  if (error !== undefined) return refuse(error);
  if (!apiVersion || !kind || text === undefined) {
    return refuse('is not a Kubernetes object: it needs apiVersion and kind');
  }
  if (!name) return refuse(`is a ${kind} without metadata.name (generateName can't be applied)`);
  // The server takes what is applied for YAML.
  return { apiVersion, kind, name, namespace, text: escapeForYaml(text), file };
}

/** Namespaces and definitions first: all else may live in them or be of their kinds. */
export function inOrder(objects: readonly ManifestObject[]): [ManifestObject[], ManifestObject[]] {
  const early = (object: ManifestObject) => object.kind === 'Namespace' || isDefinition(object);
  return [objects.filter(early), objects.filter((object) => !early(object))];
}

export const isDefinition = ({ kind, apiVersion }: { kind: string; apiVersion: string }) =>
  kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
