import { z } from 'zod';
import { TerminalError } from '../errors.ts';
import { type FieldProblem, problemsOf } from '../problem.ts';
import { jsonForYaml, readAllYaml } from '../yaml.ts';

/** Values as a person may write them: an object, YAML text, or `key=value` strings (Kosmos's form). */
export const values = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]);

export type Values = z.infer<typeof values>;
type ValuesTree = { [key: string]: unknown };

/**
 * Refuses what Helm would refuse, as far as it is known without Helm. What a list means is decided by Helm's own code in
 * the executor.
 * @throws TerminalError `InvalidValues` when a text is not YAML or not a mapping, or a list is no list of `key=value`.
 */
export function checkValues(given: Values): void {
  if (Array.isArray(given)) {
    checkExpressions(given);
    return;
  }
  if (typeof given !== 'string') {
    exact(mapping(given));
    return;
  }
  let documents: unknown[];
  try {
    documents = readAllYaml(given);
  } catch (cause) {
    throw new TerminalError(
      'InvalidValues',
      `values are not YAML: ${(cause as Error).message.split('\n')[0]}`,
      { cause },
    );
  }
  // Helm merges the documents of a text.
  for (const document of documents) mapping(document ?? {});
}

/** The problem of values that are not a mapping in any of their forms. */
export const valuesErrors = (values: Values | undefined, field: string): FieldProblem[] =>
  values === undefined ? [] : problemsOf(field, () => checkValues(values));

/** A few times what a Kubernetes object can hold; a short text with aliases of aliases can expand to far more. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;

function mapping(tree: unknown): ValuesTree {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) {
    throw new TerminalError(
      'InvalidValues',
      `values must be a mapping, like "replicas: 2"; found ${nameOf(tree)}`,
    );
  }
  let nodes = 0;
  const visit = (node: unknown, depth: number): void => {
    // Skipped entries of a list are written out as null.
    nodes += Array.isArray(node) ? node.length + 1 : 1;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new TerminalError(
        'InvalidValues',
        `values must be a mapping of at most ${MAX_NODES} entries and ${MAX_DEPTH} levels; give fewer, or a valuesFile`,
      );
    }
    if (node === null || typeof node !== 'object') return;
    for (const inner of Object.values(node)) visit(inner, depth + 1);
  };
  visit(tree, 0);
  return tree as ValuesTree;
}

/** Numbers of an object went through JSON before Pinion read them, so large integers have lost their exact value. */
function exact(tree: ValuesTree): void {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new TerminalError(
        'InvalidValues',
        `values: the number at "${key}" is too large to be passed on exactly (over 2^53); write it as a string, like ${key}: "9007199254740993"`,
      );
    }
    if (value !== null && typeof value === 'object') exact(value as ValuesTree);
  }
}

/**
 * Values as a file of the work order. A text is passed on unchanged, because Helm decides how to read it; a list is JSON,
 * for the executor.
 * @throws TerminalError `InvalidValues`
 */
export function valuesDocument(given: Values): string {
  checkValues(given);
  return typeof given === 'string' ? given : jsonForYaml(given);
}

function nameOf(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** More than any command line of helm holds. */
const LONGEST_LIST = 64 * 1024;

/** Each entry is what follows `helm --set`. Indexes are counted: `a[65536]=1` is a list of 65,537 entries to Helm. */
function checkExpressions(list: string[]): void {
  const refuse = (why: string) => {
    throw new TerminalError('InvalidValues', `values: ${why}`);
  };
  const incomplete = list.find((entry) => /^[^=,[\\]*[^=,[\\.]$/.test(entry));
  if (incomplete !== undefined) {
    refuse(`"${incomplete.slice(0, 100)}" is not key=value, like replicas=2 or image.tag=1.4`);
  }
  const text = list.join(',');
  if (text.length > LONGEST_LIST) {
    refuse(
      `the list has ${text.length} characters, at most ${LONGEST_LIST} are accepted; give values as a mapping`,
    );
  }
  const indexes = [...text.matchAll(/\[(\d{1,5})\]/g)].map(([, digits]) => Number(digits));
  if (indexes.reduce((sum, index) => sum + index, 0) > MAX_NODES || /(\[\d+\]){30}/.test(text)) {
    refuse(
      `the indexes of the list, like a[0], stand for more than ${MAX_NODES} entries; give values as a mapping`,
    );
  }
}
