import { expect, test } from 'vitest';
import { decodeText } from './text.ts';

const marked = '\uFEFFtown: Zürich\n';
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

test.for([
  ['UTF-8', Buffer.from('town: Zürich\n')],
  ['UTF-8 with a byte order mark', Buffer.from(marked)],
  ['UTF-16 of PowerShell', Buffer.from(marked, 'utf16le')],
  ['UTF-16 with the high byte first', bigEndian(marked)],
] as const)('decodeText reads %s without its mark', ([, bytes]) => {
  expect(decodeText(bytes)).toBe('town: Zürich\n');
});

test('decodeText keeps a replacement character that the file has', () => {
  expect(decodeText(Buffer.from('a: \uFFFD'))).toBe('a: \uFFFD');
});

test.for([
  [
    'Windows-1252',
    Buffer.from('a: 1\nb: Zürich', 'latin1'),
    /^line 2 is neither UTF-8 .* 0xFC, which is ü in/,
  ],
  ['a cut character', Buffer.from('a: ü').subarray(0, 4), /^line 1 is neither UTF-8 .* byte 0xC3/],
  ['Latin-1 after a mark', Buffer.from('\xEF\xBB\xBFa: é', 'latin1'), /^line 1 .* byte 0xE9/],
  ['UTF-16 without a mark', Buffer.from('a: ü', 'utf16le'), /^line 1 is UTF-16 without a byte order mark/],
  ['its other half', bigEndian('a: ü'), /^line 1 is UTF-16 without a byte order mark/],
  [
    'half a surrogate pair',
    Buffer.from('\uFEFFa: 1\n\uD800', 'utf16le'),
    /^line 2 has half a character of UTF-16/,
  ],
  [
    'an odd byte of UTF-16',
    Buffer.from('\uFEFFa', 'utf16le').subarray(0, 3),
    /has half a character of UTF-16/,
  ],
  ['a null byte', Buffer.from('a: 1\nb: \0'), /^line 2 has a null byte/],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /^line 1 has a null byte/],
] as const)('decodeText refuses %s, with the line and a remedy', ([, bytes, says]) => {
  expect(() => decodeText(bytes)).toThrow(says);
  expect(() => decodeText(bytes)).toThrow(/; save the file as UTF-8$/);
});
