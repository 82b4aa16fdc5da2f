import { expect, test } from 'vitest';
import { lines } from './lines.ts';

async function read(...chunks: string[]): Promise<string[]> {
  const found: string[] = [];
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
  }
  for await (const line of lines(stream())) found.push(line);
  return found;
}

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

test.for([
  ['several lines in one chunk', ['a\nb\n'], ['a', 'b']],
  ['one line in several chunks', ['a', 'b', 'c\n'], ['abc']],
  ['a last line without an end', ['a\nb'], ['a', 'b']],
  ['empty lines are left out', ['\n\na\n\n'], ['a']],
  ['a character cut in two', [utf8('é').slice(0, 1), `${utf8('é').slice(1)}\n`], ['é']],
] as const)('%s', async ([, chunks, expected]) => {
  expect(await read(...chunks)).toEqual(expected);
});
