const MASK = '***';
const WITHHELD = '(withheld: it could not be searched for secrets)';
/** Shorter secrets are not looked for: masking every "on" or "42" would destroy the log and hide nothing. */
const SHORTEST_SECRET = 4;
/** Lines of a multi-line secret, and base64 at an odd offset, are looked for from this length on. */
const SHORTEST_PART = 8;
/** Forms up to this length are also found where they begin inside of another one. */
const LONGEST_OVERLAP = 4096;
/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 64 * 1024;

/** Replaces secrets in text. Knows each in every form in which a tool is likely to print it. */
export type Redactor = {
  add: (secret: string) => void;
  redact: (text: string) => string;
  /** Length of the longest form: a piece of a line that ends inside a secret is shorter than this. */
  longest: () => number;
};

/** Never throws: what can't be searched for secrets is withheld as a whole. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  const forms = new Set<string>();
  let byStart: Map<string, string[]> | undefined;
  let longest = 0;
  let broken = false;
  return {
    add(secret) {
      if (known.has(secret)) return;
      known.add(secret);
      byStart = undefined;
      try {
        for (const form of formsOf(secret)) {
          forms.add(form);
          longest = Math.max(longest, form.length);
        }
      } catch {
        broken = true;
      }
    },
    redact(text) {
      if (broken) return WITHHELD;
      try {
        byStart ??= indexed(forms);
        return mask(text, byStart);
      } catch {
        return WITHHELD;
      }
    },
    longest: () => longest,
  };
}

/**
 * Forms by their first characters, longest first. No regular expression: one of this size is refused, by an
 * error that quotes it.
 */
function indexed(forms: ReadonlySet<string>): Map<string, string[]> {
  return Map.groupBy(
    [...forms].sort((a, b) => b.length - a.length),
    (form) => form.slice(0, SHORTEST_SECRET),
  );
}

/** Forms that overlap become one mask. */
function mask(text: string, byStart: ReadonlyMap<string, readonly string[]>): string {
  if (byStart.size === 0) return text;
  let clean = '';
  let end = 0;
  for (let at = 0; at + SHORTEST_SECRET <= text.length; at++) {
    for (const form of byStart.get(text.slice(at, at + SHORTEST_SECRET)) ?? []) {
      // Inside of what is masked already, looking for long forms at every character would take forever.
      if ((at < end && form.length > LONGEST_OVERLAP) || !text.startsWith(form, at)) continue;
      if (at >= end) clean += text.slice(end, at) + MASK;
      end = Math.max(end, at + form.length);
      break;
    }
  }
  return clean + text.slice(end);
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
      if (pending.length > Math.max(LONGEST_LINE, 2 * redactor.longest())) {
        const clean = redactor.redact(pending);
        const keep = Math.min(redactor.longest(), clean.length);
        if (keep < clean.length) emit(clean.slice(0, clean.length - keep));
        pending = clean.slice(clean.length - keep);
      }
    },
    end() {
      if (pending !== '') emit(redactor.redact(pending));
      pending = '';
    },
  };
}
