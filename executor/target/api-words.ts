/**
 * What an API server or a tool says, in a person's words: object, field and cause, without Go's prefixes and without values
 * that fill the message before it comes to its verb.
 */
export function plainWords(text: string): string {
  const plain = REWRITES.reduce((said, [pattern, words]) => said.replaceAll(pattern, words), bounded(text));
  return shortenValues(plain.replaceAll(/\s+/g, ' ').trim());
}

const REWRITES: readonly [RegExp, string][] = [
  [
    /(?:failed to create resource: )?server-side apply failed for object (\S+) \S* ?\S*, Kind=(\w+): /g,
    '$2 $1: ',
  ],
  [/cannot patch "(\S+)" with kind (\w+): /g, '$2 $1: '],
  // The object has just been named.
  [/\b(\w+ \S+): \w+(?:\.[\w.-]+)? "[^"]*" is invalid: /g, '$1: '],
  [/failed to create (?:typed patch object|manager for existing fields) \([^)]*\): (errors: )?/g, ''],
  [/failed to convert new object \(([^;)]*);[^)]*Kind=(\w+)\) to smd typed: (errors: )?/g, ''],
  [/&?value\.valueUnstructured\{Value:((?:[^{}]|\{[^{}]*\})*)\}/g, '$1'],
  [/&?value\.valueReflect\{[^{}]*\}/g, 'another type'],
  // A diff that follows the reason.
  [/\s@@ -\d[\s\S]*$/g, ''],
  [/\b\d+ errors? occurred:\s*\* /g, ''],
];

/** Characters that are looked at. A target is not to be trusted with more. */
const LIMIT = 32 * 1024;
const bounded = (text: string) =>
  text.length <= LIMIT ? text : `${text.slice(0, LIMIT / 2)} … ${text.slice(-LIMIT / 2)}`;

/** A value may be as long as this in a message. */
const VALUE_LIMIT = 60;

/** `Invalid value: VALUE: why`: a long VALUE is left out, as the reader has it before them. */
function shortenValues(text: string): string {
  const mark = /(?:Invalid|Unsupported|Duplicate) value: /g;
  let said = '';
  let from = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const begin = found.index + found[0].length;
    const end = endOfValue(text, begin);
    said += text.slice(from, begin) + (end - begin > VALUE_LIMIT ? '…' : text.slice(begin, end));
    from = end;
    mark.lastIndex = end;
  }
  return said + text.slice(from);
}

/** Where a value ends that is written as JSON, as Go prints a struct, or plainly. */
function endOfValue(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '"') {
      at = endOfString(text, at);
      continue;
    }
    if ('{[('.includes(sign)) depth += 1;
    if ('}])'.includes(sign)) depth -= 1;
    if (depth < 0) return at;
    if (depth === 0 && ':,'.includes(sign) && /^(: |, [a-z]\S*: )/.test(text.slice(at, at + 200))) return at;
  }
  // Its middle was cut out: what comes last is why.
  const last = text.lastIndexOf(': ');
  return last > begin ? last : text.length;
}

function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
