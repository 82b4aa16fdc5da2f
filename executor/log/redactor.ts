const MASK = '***';
/** Shorter secrets are not looked for: masking every "on" or "42" would destroy the log and hide nothing. */
const SHORTEST_SECRET = 4;
/** Lines of a multi-line secret, and base64 at an odd offset, are looked for from this length on. */
const SHORTEST_PART = 8;
/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 64 * 1024;

/** Replaces secrets in text. Knows each in every form in which a tool is likely to print it. */
export type Redactor = {
  add: (secret: string) => void;
  redact: (text: string) => string;
  /** Length of the longest form: a piece of a line that ends inside a secret is shorter than this. */
  longest: () => number;
};

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;
  let longest = 0;
  return {
    add(secret) {
      for (const form of formsOf(secret)) {
        forms.add(form);
        longest = Math.max(longest, form.length);
      }
      pattern = undefined;
    },
    redact(text) {
      if (forms.size === 0) return text;
      pattern ??= new RegExp(
        [...forms]
          .sort((a, b) => b.length - a.length)
          .map((form) => form.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
          .join('|'),
        'g',
      );
      return text.replaceAll(pattern, MASK);
    },
    longest: () => longest,
  };
}

/** Raw, URL, JSON and base64 forms; base64 also at the offsets that it has inside of `user:password`. */
function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed.length < SHORTEST_SECRET || /^(true|false|null|none)$/i.test(trimmed)) return [];
  const forms = [secret, trimmed].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
    encodeForUrl(text),
    JSON.stringify(text).slice(1, -1),
  ]);
  forms.push(new URLSearchParams({ '': trimmed }).toString().slice(1));
  if (trimmed.length >= SHORTEST_PART) {
    for (const offset of [1, 2]) forms.push(shiftedBase64(trimmed, offset));
    for (const line of trimmed.split(/\r?\n/).map((one) => one.trim())) {
      if (line.length >= SHORTEST_PART && !line.startsWith('-----')) forms.push(line);
    }
  }
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET);
}

function encodeForUrl(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // A lone surrogate has no URL form.
  }
}

/** The characters of base64 that depend on the secret alone when `offset` bytes stand before it. */
function shiftedBase64(text: string, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
  const from = Math.ceil((offset * 8) / 6);
  const whole = Math.floor(((offset + Buffer.byteLength(text)) * 8) / 6);
  return encoded.slice(from, whole);
}

/** Cuts a stream of text into redacted lines. A secret that is split over two chunks is still found. */
export function createLineRedactor(redactor: Redactor, emit: (line: string) => void) {
  let pending = '';
  return {
    write(chunk: string) {
      pending += chunk;
      const lines = pending.split(/\r?\n|\r/);
      pending = lines.pop() ?? '';
      for (const line of lines) emit(redactor.redact(line));
      if (pending.length > LONGEST_LINE) {
        const clean = redactor.redact(pending);
        const keep = Math.min(redactor.longest(), clean.length);
        emit(clean.slice(0, clean.length - keep));
        pending = clean.slice(clean.length - keep);
      }
    },
    end() {
      if (pending !== '') emit(redactor.redact(pending));
      pending = '';
    },
  };
}
