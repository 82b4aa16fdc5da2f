/** A text with its escapes undone. `at[i]` is where in the original its character i begins; one more is the end. */
export type View = { text: string; at: (index: number) => number };

/** Times that an escape takes the room of a character at most: `\\\\u00e9`, `%F0%9F%A6%9A` for two. */
export const LONGEST_ESCAPE = 9;

/**
 * The text itself, and what it says where it is percent-encoded (a `+` may be a blank) or has backslash escapes, as JSON, Go
 * and YAML write them; JSON within JSON has them twice.
 */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, at: (index) => index }];
  if (/%[0-9a-f]{2}/i.test(text)) {
    views.push(decode(text, percentAt));
    if (text.includes('+')) views.push(decode(text.replaceAll('+', ' '), percentAt));
  }
  if (text.includes('\\')) {
    const once = decode(text, backslashAt);
    views.push(once);
    if (once.text.includes('\\')) {
      const twice = decode(once.text, backslashAt);
      views.push({ text: twice.text, at: (index) => once.at(twice.at(index)) });
    }
  }
  return views;
}

/** The escape that begins at an index: what it stands for, and its length. */
type EscapeAt = (text: string, index: number) => { means: string; length: number } | undefined;

function decode(text: string, escapeAt: EscapeAt): View {
  const at: number[] = [];
  const parts: string[] = [];
  for (let index = 0; index < text.length; ) {
    const { means, length } = escapeAt(text, index) ?? { means: text[index] ?? '', length: 1 };
    for (let unit = 0; unit < means.length; unit++) at.push(index);
    parts.push(means);
    index += length;
  }
  at.push(text.length);
  return { text: parts.join(''), at: (index) => at[index] ?? text.length };
}

const PERCENT = /(?:%[0-9a-f]{2})+/iy;

/** One character in percent-encoded UTF-8, or one byte that is none. */
const percentAt: EscapeAt = (text, index) => {
  if (text[index] !== '%') return undefined;
  PERCENT.lastIndex = index;
  // A character has four bytes at most.
  const found = PERCENT.exec(text.slice(0, index + 12))?.[0];
  if (found === undefined) return undefined;
  const bytes = Buffer.from(found.replaceAll('%', ''), 'hex');
  const [first = 0] = bytes;
  const size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const means = bytes.subarray(0, size).toString('utf8');
  return means.includes('\uFFFD') ? { means: '\uFFFD', length: 3 } : { means, length: size * 3 };
};

const NAMED: Record<string, string> = {
  ...{ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', a: '\u0007', v: '\v', e: '\u001b', '0': '\0' },
  ...{ '"': '"', "'": "'", '\\': '\\', '/': '/' },
};
const BACKSLASH = /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2})|(.))/isy;

const backslashAt: EscapeAt = (text, index) => {
  if (text[index] !== '\\') return undefined;
  BACKSLASH.lastIndex = index;
  const [whole = '', short, long, byte, named = ''] = BACKSLASH.exec(text) ?? [];
  const code = Number.parseInt(short ?? long ?? byte ?? '', 16);
  if (code <= 0x10ffff) return { means: String.fromCodePoint(code), length: whole.length };
  const means = NAMED[named];
  return means === undefined ? undefined : { means, length: whole.length };
};
