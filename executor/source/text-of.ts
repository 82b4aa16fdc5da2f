import { decodeText, NotText } from '#api/text.ts';
import { Failure } from '../failure.ts';

/**
 * The text of a file, in UTF-8 or UTF-16.
 * @throws Failure `SourceInvalid` with file, line and encoding
 */
export function textOf(content: Uint8Array, file: string): string {
  try {
    return decodeText(content);
  } catch (cause) {
    if (!(cause instanceof NotText)) throw cause;
    throw new Failure('SourceInvalid', `${file}: ${cause.message}`, { cause });
  }
}
