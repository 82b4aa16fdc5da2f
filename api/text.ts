/** Bytes that are no text. The message begins with the line, and says what was found and what to do. */
export class NotText extends Error {
  readonly line: number;
  constructor(line: number, what: string, options?: ErrorOptions) {
    super(`line ${line} ${what}; save the file as UTF-8`, options);
    this.line = line;
  }
}

/**
 * The text of a file as kubectl reads it: UTF-8, or UTF-16 with a byte order mark, which is not part of the text. Where
 * kubectl would put U+FFFD for what it can't read, this refuses.
 * @throws NotText
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  // YAML and JSON begin with a character of ASCII.
  if (bytes.length > 1 && (bytes[0] === 0) !== (bytes[1] === 0)) {
    throw new NotText(1, 'is UTF-16 without a byte order mark');
  }
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText(bytes, encoding, cause);
  }
  const at = text.indexOf('\0');
  if (at < 0) return text;
  throw new NotText(lineOf(text, at), 'has a null byte, so this is not text');
}

/** Whether a text without blanks is standard base64, of one byte at least. */
export const isBase64 = (text: string): boolean =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** Finds the first place that can't be read. */
function notText(bytes: Uint8Array, encoding: string, cause: unknown): NotText {
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  const at = text.indexOf('\uFFFD');
  const line = lineOf(text, at);
  if (encoding !== 'utf-8') return new NotText(line, 'has half a character of UTF-16', { cause });
  const byte = bytes[new TextEncoder().encode(text.slice(0, at)).length] ?? 0;
  const letter = new TextDecoder('windows-1252').decode(Uint8Array.of(byte));
  const hex = byte.toString(16).toUpperCase();
  const what = `is neither UTF-8 nor UTF-16: byte 0x${hex}, which is ${letter} in Windows-1252`;
  return new NotText(line, what, { cause });
}
