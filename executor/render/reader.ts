import { errorText } from '../command/error-text.ts';
import { requireMemory } from '../command/memory.ts';
import { Failure } from '../failure.ts';
import { mebibytes } from '../source/limits.ts';
import type { RenderContext } from './rendered.ts';

type Tools = Pick<RenderContext, 'run' | 'env' | 'config' | 'remaining' | 'abort'>;

/**
 * Runs the program that reads text with the code of kubectl and Helm (images/tools/cmd/reader).
 * @param refused the reason when it refuses what it was given
 * @returns what it prints
 * @throws Failure
 */
export async function runReader(
  { run, env, config, remaining, abort }: Tools,
  what: 'objects' | 'values',
  input: unknown,
  { limit, refused }: { limit: number; refused: 'SourceInvalid' | 'RenderFailed' },
): Promise<string> {
  const read = await run({
    argv: ['reader', what],
    // What it reads is small beside what Go may use before it collects garbage.
    env: { ...env, GOGC: '400' },
    cwd: config.scratch,
    timeoutMs: remaining(),
    abort,
    input: JSON.stringify(input),
    dataLimit: limit,
  });
  if (read.ended === 'aborted') throw new Failure('Terminated', `terminated while ${what} were read`);
  if (read.ended === 'timeout') throw new Failure('InstallTimeout', `reading the ${what} took too long`);
  requireMemory('reader', read);
  if (!read.ok) throw new Failure(refused, errorText(read.stderr) || `reader ended with code ${read.code}`);
  if (read.stdout.length > limit) {
    throw new Failure(
      'SourceInvalid',
      `the ${what} have more than ${mebibytes(limit)} when they are written out`,
    );
  }
  return read.stdout;
}
