import { type Flags, type FlagValues, readFlags, UsageError } from './flags.ts';
import { flagsHelp } from './flags-help.ts';

/** How a program, or one of its commands, is called. */
export type Usage<F extends Flags> = {
  /** Like `node operator/main.ts`. */
  command: string;
  /** What it does: the sentences under the first line of --help. */
  about: string;
  flags: F;
};

/** What to do with a command line: run with a configuration, or print a text and exit. */
export type Start<C> =
  | { kind: 'run'; config: C }
  | { kind: 'exit'; code: 0; stdout: string }
  | { kind: 'exit'; code: 2; stderr: string };

/** Reads a command line: --help exits with 0; a wrong flag, or one that `configOf` refuses by UsageError, with 2. */
export function readCommandLine<F extends Flags, C>(
  usage: Usage<F>,
  args: readonly string[],
  configOf: (values: FlagValues<F>) => C,
): Start<C> {
  try {
    const values = readFlags(usage.flags, args);
    if (values === 'help') return { kind: 'exit', code: 0, stdout: helpText(usage) };
    return { kind: 'run', config: configOf(values) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return {
      kind: 'exit',
      code: 2,
      stderr: `${error.message}\nSee ${usage.command} --help for all flags.\n`,
    };
  }
}

export const helpText = ({ command, about, flags }: Usage<Flags>): string =>
  `Usage: ${command} [flags]\n\n${about}\n\nFlags:\n${flagsHelp(flags)}`;
