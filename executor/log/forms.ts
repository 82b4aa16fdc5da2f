/** Shorter secrets are not looked for: masking every "on" or "42" would destroy the log and hide nothing. */
export const SHORTEST_SECRET = 4;
/** Lines of a multi-line secret are looked for from this length on. */
const SHORTEST_LINE = 8;
/** Where tools break base64: `base64` and PEM. */
const WRAPS = [76, 64];
/** Base64 in lines is looked for up to this length: longer files are not printed. */
const LONGEST_WRAPPED = 64 * 1024;

/**
 * A secret as tools write it: as it is, its lines, quoted for YAML, a shell or a form, and base64, also inside of a longer
 * text, where its first and last characters carry bits of the neighbours. Escapes and URLs are undone in the text that is
 * searched instead (views.ts).
 */
export function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed.length < SHORTEST_SECRET || /^(true|false|null|none)$/i.test(trimmed)) return [];
  const forms = [secret, trimmed].flatMap((text) => [
    text,
    ...base64Forms(text),
    text.replaceAll("'", "''"),
    text.replaceAll("'", "'\\''"),
  ]);
  forms.push(new URLSearchParams({ '': trimmed }).toString().slice(1));
  for (const line of trimmed.split(/\r?\n|\r/).map((one) => one.trim())) {
    if (line.length >= SHORTEST_LINE && !line.startsWith('-----')) forms.push(line);
  }
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET);
}

function base64Forms(text: string): string[] {
  const whole = Buffer.from(text).toString('base64');
  const wrapped = whole.length > LONGEST_WRAPPED ? [] : WRAPS.flatMap((width) => piecesOf(whole, width));
  const inside = [0, 1, 2].map((offset) => insideBase64(text, offset));
  return [whole, ...inside, ...wrapped].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  ]);
}

/** The characters of base64 that depend on the text alone when `offset` bytes stand before it and any after it. */
function insideBase64(text: string, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
  const from = Math.ceil((offset * 8) / 6);
  const whole = Math.floor(((offset + Buffer.byteLength(text)) * 8) / 6);
  return encoded.slice(from, whole);
}

const piecesOf = (text: string, width: number): string[] =>
  text.length <= width ? [] : (text.match(new RegExp(`.{${SHORTEST_LINE},${width}}`, 'gs')) ?? []);
