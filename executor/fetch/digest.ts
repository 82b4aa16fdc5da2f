import { createHash } from 'node:crypto';
import { Failure } from '../failure.ts';

/**
 * Compares content with a sha256, with or without `sha256:` before it.
 * @throws Failure `SourceRefused`
 */
export function checkDigest(content: Buffer, expected: string, what: string): void {
  const found = createHash('sha256').update(content).digest('hex');
  if (found !== expected.toLowerCase().replace(/^sha256:/, '')) {
    throw new Failure(
      'SourceRefused',
      `${what} has sha256 ${found}, expected ${expected.replace(/^sha256:/, '')}; the file was changed, or the digest belongs to another file`,
    );
  }
}
