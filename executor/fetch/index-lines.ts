/** Entries of a chart in an index.yaml: each is the text of a list with that one entry. `names` are the first charts' names. */
export type IndexOfChart = { names: string[]; entries: string[] };

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
/** A key in a line of its own, plain or quoted without escapes. */
const KEY = /^(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>%@`?{}[\],-][^:#]*?))\s*:(?:\s|$)/;
const NAMES = 11;

/**
 * Finds the entries of one chart in an index that is written in block style, one key in a line, as Helm and the chart
 * repositories write it. The document is never built: as a tree it takes ten times the memory of its text, and its limit is
 * 50 MiB.
 * @returns undefined for any other form, also where something is not clear
 */
export function findChart(index: Buffer, wanted: string): IndexOfChart | undefined {
  const block = entriesOf(index);
  const keys = block && keysIn(block);
  if (keys === undefined) return undefined;
  const found = keys.filter(({ name }) => name === wanted);
  const names = keys.slice(0, NAMES).map(({ name }) => name);
  const [only] = found;
  if (only === undefined) return { names, entries: [] };
  // A key that is there twice is an error, which the parser reports.
  const entries = found.length > 1 ? undefined : splitList(only.value.toString('utf8'));
  return entries && { names, entries };
}

/** The lines below the one field `entries`. */
function entriesOf(index: Buffer): Buffer | undefined {
  const fields: { start: number; line: string }[] = [];
  for (const { start, depth } of linesOf(index)) {
    if (depth === 0) fields.push({ start, line: lineAt(index, start) });
  }
  if (/^---\s*$/.test(fields[0]?.line ?? '')) fields.shift();
  if (!fields.every(({ line }) => /^[A-Za-z][\w.-]*:(\s|$)/.test(line))) return undefined;
  const found = fields.filter(({ line }) => line.startsWith('entries:'));
  const [only] = found;
  if (only === undefined || found.length > 1 || !/^entries:\s*(#.*)?$/.test(only.line)) return undefined;
  return index.subarray(only.start + only.line.length, fields[fields.indexOf(only) + 1]?.start);
}

/** Every chart's name, and the text after it. */
function keysIn(block: Buffer): { name: string; value: Buffer }[] | undefined {
  const keys: { name: string; start: number; from: number }[] = [];
  let indent: number | undefined;
  for (const { start, first, depth } of linesOf(block)) {
    indent ??= depth;
    const isInside = depth > indent || (depth === indent && block[first] === DASH && keys.length > 0);
    if (isInside) continue;
    const line = lineAt(block, first);
    const [whole = '', ...found] = KEY.exec(line) ?? [];
    const name = found.find((key) => key !== undefined);
    if (depth < indent || name === undefined || name === '<<') return undefined;
    keys.push({ name, start, from: first + Buffer.byteLength(whole) });
  }
  return keys.map(({ name, from }, at) => ({ name, value: block.subarray(from, keys[at + 1]?.start) }));
}

/** Lines that hold something: not empty ones and comments. */
function* linesOf(index: Buffer): Generator<{ start: number; first: number; depth: number }> {
  const isMarked = index[0] === 0xef && index[1] === 0xbb && index[2] === 0xbf;
  for (let start = isMarked ? 3 : 0; start < index.length; ) {
    const found = index.indexOf(NEWLINE, start);
    const end = found < 0 ? index.length : found;
    let first = start;
    while (first < end && index[first] === SPACE) first += 1;
    const isEmpty = first === end || index[first] === 0x0d || index[first] === 0x23;
    if (!isEmpty) yield { start, first, depth: first - start };
    start = end + 1;
  }
}

function lineAt(index: Buffer, start: number): string {
  const end = index.indexOf(NEWLINE, start);
  return index
    .subarray(start, end < 0 ? index.length : end)
    .toString('utf8')
    .replace(/\r$/, '');
}

/** The entries of a block list, each as a list with that one entry; undefined when it is something else. */
function splitList(text: string): string[] | undefined {
  const lines = text.replace(/^[^\n]*\n?/, '');
  if (/\S/.test(text.slice(0, text.length - lines.length).replace(/#.*/, ''))) return undefined;
  const [, indent] = /^(?:\s*(?:#[^\n]*)?\n)*( *)-(?:\s|$)/.exec(lines) ?? [];
  if (indent === undefined) return /^\s*$/.test(lines) ? [] : undefined;
  const entries = lines.split(new RegExp(`^(?=${indent}-(?:\\s|$))`, 'm'));
  return entries[0]?.startsWith(`${indent}-`) ? entries : entries.slice(1);
}

/** The line of an entry's version, without reading the entry: a chart may have tens of thousands. */
export const versionLine = (entry: string): string | undefined => {
  const [, indent = ''] = /^( *)-/.exec(entry) ?? [];
  return new RegExp(`^${indent}[- ] version:( .*)$`, 'm').exec(entry)?.[1];
};
