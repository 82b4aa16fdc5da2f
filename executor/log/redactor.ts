import { formsOf, SHORTEST_SECRET } from './forms.ts';
import { LONGEST_ESCAPE, viewsOf } from './views.ts';

const MASK = '***';
const WITHHELD = '(withheld: it could not be searched for secrets)';
/** Forms up to this length are also found where they begin inside of another one. */
const LONGEST_OVERLAP = 4096;
/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 64 * 1024;

/** Replaces secrets in text. Knows each in every form in which a tool is likely to print it. */
export type Redactor = {
  add: (secret: string) => void;
  redact: (text: string) => string;
  /**
   * Redacts the beginning of a text that goes on, for as far as nothing that follows can make it a part of a secret; all of
   * it when nothing can be told. `rest` is what is to be given again with what follows.
   */
  redactBeginning: (text: string) => { clean: string; rest: string };
  /** A text from this length on has such a beginning, as long as its half at least. */
  enough: () => number;
};

/** Never throws: what can't be searched for secrets is withheld as a whole. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  const forms = new Set<string>();
  let byStart: Map<string, string[]> | undefined;
  let longest = 0;
  let broken = false;
  const index = () => {
    byStart ??= indexed(forms);
    return byStart;
  };
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
        return mask(text, spansIn(text, index()));
      } catch {
        return WITHHELD;
      }
    },
    redactBeginning(text) {
      const fallback = { clean: WITHHELD, rest: '' };
      if (broken) return fallback;
      try {
        return beginning(text, spansIn(text, index()), longest * LONGEST_ESCAPE);
      } catch {
        return fallback;
      }
    },
    enough: () => Math.max(LONGEST_LINE, 2 * longest * LONGEST_ESCAPE),
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

/** Where a form stands in a text. */
type Span = { from: number; to: number };

/** Every place of a form, in whichever view of the text it is found, in their order. */
function spansIn(text: string, byStart: ReadonlyMap<string, readonly string[]>): Span[] {
  if (byStart.size === 0) return [];
  const views = viewsOf(text);
  const spans = views.flatMap((view) =>
    search(view.text, byStart).map(({ from, to }) => ({ from: view.at(from), to: view.at(to) })),
  );
  return views.length === 1 ? spans : spans.sort((a, b) => a.from - b.from);
}

function search(text: string, byStart: ReadonlyMap<string, readonly string[]>): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (let at = 0; at + SHORTEST_SECRET <= text.length; at++) {
    for (const form of byStart.get(text.slice(at, at + SHORTEST_SECRET)) ?? []) {
      // Inside of what is masked already, looking for long forms at every character would take forever.
      if ((at < end && form.length > LONGEST_OVERLAP) || !text.startsWith(form, at)) continue;
      end = Math.max(end, at + form.length);
      spans.push({ from: at, to: at + form.length });
      break;
    }
  }
  return spans;
}

/** Forms that overlap become one mask. */
function mask(text: string, spans: readonly Span[]): string {
  let clean = '';
  let end = 0;
  for (const { from, to } of spans) {
    if (from >= end) clean += text.slice(end, from) + MASK;
    end = Math.max(end, to);
  }
  return clean + text.slice(end);
}

/** @param margin characters at the end that may be a part of a secret */
function beginning(text: string, spans: readonly Span[], margin: number) {
  const cut = text.length - margin;
  // Not inside of a secret: before the first one that reaches over the cut.
  const over = spans.find(({ from, to }) => from < cut && to > cut);
  const end = Math.max(0, over?.from ?? cut);
  const before = spans
    .filter(({ from }) => from < end)
    .map(({ from, to }) => ({ from, to: Math.min(to, end) }));
  return { clean: mask(text.slice(0, end), before), rest: text.slice(end) };
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
      if (pending.length > redactor.enough()) {
        const { clean, rest } = redactor.redactBeginning(pending);
        if (clean !== '') emit(clean);
        pending = rest;
      }
    },
    end() {
      if (pending !== '') emit(redactor.redact(pending));
      pending = '';
    },
  };
}
