import { load } from 'js-yaml';
import { z } from 'zod';
import { TerminalError } from './errors.ts';

/** Values as a person may write them: an object, YAML text, or `key=value` strings (Kosmos's form). */
export const values = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]);

export type Values = z.infer<typeof values>;
export type ValuesTree = { [key: string]: unknown };

/**
 * Reads any of the three forms into one mapping.
 * @throws TerminalError `InvalidValues` when the text is not YAML, is no mapping, or an entry has no `=`.
 */
export function parseValues(given: Values): ValuesTree {
  if (Array.isArray(given)) return fromAssignments(given);
  if (typeof given !== 'string') return given;
  let tree: unknown;
  try {
    tree = load(given);
  } catch (cause) {
    throw new TerminalError(
      'InvalidValues',
      `values are not YAML: ${(cause as Error).message.split('\n')[0]}`,
      { cause },
    );
  }
  if (tree === null || tree === undefined) return {};
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw new TerminalError(
      'InvalidValues',
      `values must be a mapping, like "replicas: 2"; found ${Array.isArray(tree) ? 'a list' : `a ${typeof tree}`}`,
    );
  }
  return tree as ValuesTree;
}

function fromAssignments(assignments: string[]): ValuesTree {
  const tree: ValuesTree = {};
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    if (at < 1) {
      throw new TerminalError(
        'InvalidValues',
        `"${assignment}" is not key=value, like replicas=2 or image.tag=1.4`,
      );
    }
    assign(tree, pathOf(assignment.slice(0, at)), scalar(assignment.slice(at + 1)));
  }
  return tree;
}

/** `a.b[0].c` → a, b, 0, c; a dot is escaped with a backslash, as in helm --set. */
function pathOf(key: string): (string | number)[] {
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
function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  if (/^(0|-?[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  const list = /^\{(.*)\}$/.exec(text);
  if (list) return list[1] === '' ? [] : (list[1] ?? '').split(/(?<!\\),/).map(scalar);
  return text.replaceAll('\\,', ',');
}
