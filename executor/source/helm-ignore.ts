import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMIT } from './limits.ts';
import { readUnder } from './resolve.ts';

/** Whether helm leaves out what has this path in a chart directory. */
export type Ignore = (path: string, isDirectory: boolean) => boolean;

type Rule = { matches: (path: string) => boolean; negated: boolean; onlyDirectories: boolean };

const FILE = '.helmignore';
const nothing: Ignore = () => false;

/**
 * What the .helmignore of a chart directory excludes, as Helm reads it: shell patterns, one a line, which match a name, or a
 * path where they have a slash. After `!` a pattern excludes all that it does not match. Rules that Helm refuses exclude
 * nothing here: it says itself what is wrong with them.
 * @throws Failure `SourceInvalid`: the file is a link out of the source
 */
export async function readHelmIgnore(root: string, chart: string, label: string): Promise<Ignore> {
  const path = join(chart, FILE);
  const isThere = await stat(path).then(
    (about) => about.isFile(),
    () => false,
  );
  const content = isThere ? await readUnder(root, path, LIMIT.file, label) : '';
  const lines = content
    .toString()
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.map(parseRule);
  return rules.includes(undefined) ? nothing : ignoreBy(rules as Rule[]);
}

function ignoreBy(rules: readonly Rule[]): Ignore {
  return (path, isDirectory) => {
    // Helm needs it in the copy as well.
    if (path === FILE) return false;
    for (const { matches, negated, onlyDirectories } of rules) {
      const fits = (!onlyDirectories || isDirectory) && matches(path);
      if (fits !== negated) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule | undefined {
  const negated = line.startsWith('!');
  const onlyDirectories = line.endsWith('/');
  const text = line.slice(negated ? 1 : 0, onlyDirectories ? -1 : undefined);
  const pattern = line.includes('**') ? undefined : toRegExp(text.replace(/^\//, ''));
  if (pattern === undefined) return undefined;
  const ofPath = text.includes('/');
  const matches = (path: string) => pattern.test(ofPath ? path : path.slice(path.lastIndexOf('/') + 1));
  return { matches, negated, onlyDirectories };
}

/** A part of a shell pattern: a set, an escaped character, a wildcard, or any other character. */
const PART = /\[(\^?)((?:\\.|[^\\\]])+)\]|\\(.)|([*?])|([^[\\])/gsuy;

function toRegExp(pattern: string): RegExp | undefined {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
  let source = '';
  let end = 0;
  for (const [whole, negated, set, escaped, wildcard, other] of pattern.matchAll(PART)) {
    end += whole.length;
    if (set !== undefined)
      source += `[${negated}${set.replaceAll(/\\(.)/gsu, (_, one) => literal(one)).replaceAll('[', '\\[')}]`;
    else if (wildcard !== undefined) source += wildcard === '*' ? '[^/]*' : '[^/]';
    else source += literal(escaped ?? other ?? '');
  }
  if (end < pattern.length) return undefined;
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return undefined;
  }
}
