import { load, YAML11_SCHEMA } from 'js-yaml';
import { z } from 'zod';
import { TerminalError } from '../errors.ts';
import { type FieldProblem, problemsOf } from '../problem.ts';

/** Values as a person may write them: an object, YAML text, or `key=value` strings (Kosmos's form). */
export const values = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]);

export type Values = z.infer<typeof values>;
export type ValuesTree = { [key: string]: unknown };

/**
 * Reads any of the three forms into one mapping.
 * @throws TerminalError `InvalidValues` when the text is not YAML, is not a mapping, or an entry has no `=`.
 */
export function parseValues(given: Values): ValuesTree {
  if (Array.isArray(given)) return fromAssignments(given);
  if (typeof given !== 'string') return exact(mapping(given));
  // To the parser, comments alone are not a document; to users they are empty values.
  if (given.split('\n').every((line) => /^(#.*|---|)$/.test(line.trim()))) return {};
  let tree: unknown;
  try {
    // As Helm reads it: merge keys, `no` as false, 0644 as octal.
    tree = load(given, { schema: YAML11_SCHEMA });
  } catch (cause) {
    throw new TerminalError(
      'InvalidValues',
      `values are not YAML: ${(cause as Error).message.split('\n')[0]}`,
      { cause },
    );
  }
  return mapping(tree ?? {});
}

/** The problem of values that are not a mapping in any of their forms. */
export const valuesErrors = (values: Values | undefined, field: string): FieldProblem[] =>
  values === undefined ? [] : problemsOf(field, () => parseValues(values));

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
function exact(tree: ValuesTree): ValuesTree {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new TerminalError(
        'InvalidValues',
        `values: the number at "${key}" is too large to be passed on exactly (over 2^53); write it as a string, like ${key}: "9007199254740993"`,
      );
    }
    if (value !== null && typeof value === 'object') exact(value as ValuesTree);
  }
  return tree;
}

/**
 * The file of values for helm. Text is passed on unchanged, because Helm decides how to read it.
 * @throws TerminalError `InvalidValues`
 */
export function valuesDocument(given: Values): string {
  const tree = parseValues(given);
  // JSON is YAML, and keeps types that a YAML writer might quote differently.
  return typeof given === 'string' ? given : JSON.stringify(tree);
}

function nameOf(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function fromAssignments(assignments: string[]): ValuesTree {
  const tree: ValuesTree = {};
  for (const assignment of assignments.flatMap(splitAssignments)) {
    const at = assignment.indexOf('=');
    if (at < 1) {
      throw new TerminalError(
        'InvalidValues',
        `"${assignment}" is not key=value, like replicas=2 or image.tag=1.4`,
      );
    }
    assign(tree, pathOf(assignment.slice(0, at)), scalar(assignment.slice(at + 1)));
  }
  return mapping(tree);
}

/**
 * `a=1,b=2` is two, as for helm --set; a comma that no `key=` follows belongs to the value, as does one inside of
 * braces. In one pass from the end: a pattern that looks ahead at every comma takes minutes for a megabyte.
 */
function splitAssignments(text: string): string[] {
  const assignments: string[] = [];
  const pieces = text.split(/(?<!\\),/);
  let rest = '';
  let brace: string | undefined;
  for (const piece of pieces.reverse()) {
    const whole = `${piece}${rest}`;
    brace = /[{}]/.exec(piece)?.[0] ?? brace;
    const begins = /^[A-Za-z0-9_.\-\\[\]]+=/.test(piece) && brace !== '}';
    rest = begins ? '' : `,${whole}`;
    if (begins) assignments.push(whole);
  }
  if (rest !== '') assignments.push(rest.slice(1));
  return assignments.reverse();
}

/** Far longer than any real path in a chart's values. */
const LONGEST_KEY = 1024;

/** `a.b[0].c` → a, b, 0, c; a dot is escaped with a backslash, as in helm --set. */
function pathOf(key: string): (string | number)[] {
  if (key.length > LONGEST_KEY) {
    throw new TerminalError(
      'InvalidValues',
      `"${key.slice(0, 40)}…" is a key of ${key.length} characters, at most ${LONGEST_KEY} are accepted`,
    );
  }
  const path: (string | number)[] = [];
  for (const part of key.split(/(?<!\\)\./)) {
    const [, name = '', indexes = ''] = /^(.*?)((?:\[[0-9]+\])*)$/.exec(part) ?? [];
    if (name !== '') path.push(name.replaceAll('\\.', '.'));
    for (const [, index] of indexes.matchAll(/\[([0-9]+)\]/g)) path.push(Number(index));
  }
  if (path.length === 0 || path.some((step) => typeof step === 'number' && step > 1000)) {
    throw new TerminalError('InvalidValues', `"${key}" is not a path, like image.tag or args[0]`);
  }
  return path;
}

const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

function assign(tree: ValuesTree, path: (string | number)[], value: unknown): void {
  let at: Record<string | number, unknown> = tree;
  path.forEach((step, i) => {
    if (UNSAFE.has(String(step)))
      throw new TerminalError('InvalidValues', `"${step}" can't be a key of values`);
    const next = path[i + 1];
    if (next === undefined) {
      at[step] = value;
    } else {
      const inner = at[step];
      if (inner === null || typeof inner !== 'object') at[step] = typeof next === 'number' ? [] : {};
      at = at[step] as Record<string | number, unknown>;
    }
  });
}

/** Types as helm --set infers them: integers, true, false, null, `{a,b}` as a list; all else is text. */
function scalar(text: string, depth = 0): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  if (/^(0|-?[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  const list = /^\{(.*)\}$/.exec(text);
  if (list && depth < MAX_DEPTH) {
    return list[1] === '' ? [] : (list[1] ?? '').split(/(?<!\\),/).map((item) => scalar(item, depth + 1));
  }
  return text.replaceAll('\\,', ',');
}
