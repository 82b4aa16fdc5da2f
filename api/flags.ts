import { parseArgs } from 'node:util';

/** A wrong command line: the message names the flag, what was given and what was expected. */
export class UsageError extends Error {}

/** One flag of a program. `T` is the type of its value. */
export type Flag<T> = {
  /** A sentence for --help, without the default. */
  description: string;
  /** How --help names the value, like PORT. Absent for a switch. */
  placeholder?: string | undefined;
  /** The text that counts when the flag is not given; also shown by --help. */
  default?: string | undefined;
  isRepeatable?: boolean | undefined;
  isRequired?: boolean | undefined;
  /**
   * The value from the texts that were given, or from the default; an empty list for a flag with neither.
   * @throws UsageError that starts with the text, like `"x" must be a port`; the flag's name is put before it
   */
  read: (texts: string[]) => T;
};

export type Flags = Record<string, Flag<unknown>>;
export type FlagValues<F extends Flags> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

type Described = { placeholder: string; description: string };
type Parse<T> = (text: string) => T;
const asText = (text: string) => text;
const last = (texts: string[]) => texts.at(-1) ?? '';

/** A flag without a value: true when it is given. */
export const switchFlag = (description: string): Flag<boolean> => ({
  description,
  read: (texts) => texts.length > 0,
});

/** A flag whose text is taken as it is. */
export const textFlag = (flag: Described & { default: string }): Flag<string> =>
  valueFlag({ ...flag, parse: asText });

/** A flag that has a default. `parse` throws UsageError. */
export const valueFlag = <T>({
  parse,
  ...flag
}: Described & { default: string; parse: Parse<T> }): Flag<T> => ({
  ...flag,
  read: (texts) => parse(last(texts)),
});

/** A flag without which the program can't run. */
export const requiredFlag = (flag: Described): Flag<string> => ({ ...flag, isRequired: true, read: last });

/** A flag that may be left out; then, and when it is given as empty, its value is undefined. */
export const optionalFlag = <T = string>({
  parse = asText as Parse<T>,
  ...flag
}: Described & { parse?: Parse<T> }): Flag<T | undefined> => ({
  ...flag,
  read: (texts) => (last(texts) === '' ? undefined : parse(last(texts))),
});

/** A flag that may be repeated; every text is parsed by itself. */
export const listFlag = <T = string>({
  parse = asText as Parse<T>,
  ...flag
}: Described & { parse?: Parse<T>; isRequired?: boolean }): Flag<T[]> => ({
  ...flag,
  isRepeatable: true,
  read: (texts) => texts.map(parse),
});

/** Parses a whole number in a range, both ends included. */
export const wholeNumber =
  (least: number, most: number): Parse<number> =>
  (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
    throw new UsageError(`"${text}" must be a whole number from ${least} to ${most}`);
  };

/** Parses one of a few words. */
export const oneOf =
  <T extends string>(choices: readonly T[]): Parse<T> =>
  (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new UsageError(`"${text}" must be one of ${choices.join(', ')}`);
  };

/**
 * The values of all flags, or `help` when --help or -h is among the arguments.
 * @throws UsageError
 */
export function readFlags<F extends Flags>(flags: F, args: readonly string[]): FlagValues<F> | 'help' {
  const texts = textsOf(flags, args);
  if (texts === 'help') return 'help';
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, texts.get(name))]),
  ) as FlagValues<F>;
}

function readFlag(name: string, flag: Flag<unknown>, given: string[] | undefined): unknown {
  if (given === undefined && flag.isRequired) {
    throw new UsageError(`--${name} ${flag.placeholder} is missing: ${flag.description}`);
  }
  const texts = given ?? (flag.default === undefined ? [] : [flag.default]);
  try {
    return flag.read(texts);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`--${name} ${cause.message}`, { cause });
  }
}

/** What was given for each flag, by name. @throws UsageError */
function textsOf(flags: Flags, args: readonly string[]): Map<string, string[]> | 'help' {
  const tokens = tokensOf(flags, args);
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return 'help';
  const texts = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new UsageError(`unexpected argument "${token.value}"; only flags are expected`);
    }
    if (token.kind === 'option-terminator') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (!flag) throw new UsageError(`unknown flag ${token.rawName}`);
    texts.set(token.name, [...(texts.get(token.name) ?? []), textOf(flag, token)]);
  }
  return texts;
}

function tokensOf(flags: Flags, args: readonly string[]) {
  const options = Object.entries(flags).map(([name, { placeholder }]) => {
    const type: 'string' | 'boolean' = placeholder === undefined ? 'boolean' : 'string';
    return [name, { type, multiple: true }] as const;
  });
  const help = { type: 'boolean', short: 'h' } as const;
  // Not strict: parseArgs' own errors say nothing about what was expected.
  const how = { strict: false, tokens: true } as const;
  return parseArgs({ ...how, args: [...args], options: { ...Object.fromEntries(options), help } }).tokens;
}

type GivenFlag = Extract<ReturnType<typeof tokensOf>[number], { kind: 'option' }>;

/** The text that was given for one flag; empty for a switch. @throws UsageError */
function textOf({ placeholder }: Flag<unknown>, { rawName, value, inlineValue }: GivenFlag): string {
  if (placeholder === undefined) {
    if (value === undefined) return '';
    throw new UsageError(`${rawName} takes no value; "${value}" was given`);
  }
  if (value !== undefined && (inlineValue || !value.startsWith('-'))) return value;
  throw new UsageError(`${rawName} needs a value: ${rawName}=${placeholder}`);
}
