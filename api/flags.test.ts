import { describe, expect, test } from 'vitest';
import {
  type Flag,
  listFlag,
  oneOf,
  optionalFlag,
  readFlags,
  requiredFlag,
  switchFlag,
  textFlag,
  UsageError,
  valueFlag,
  wholeNumber,
} from './flags.ts';

const flags = {
  port: valueFlag({
    placeholder: 'PORT',
    description: 'HTTP port',
    default: '8080',
    parse: wholeNumber(0, 65535),
  }),
  level: valueFlag({
    placeholder: 'LEVEL',
    description: 'Level',
    default: 'info',
    parse: oneOf(['info', 'warn']),
  }),
  name: textFlag({ placeholder: 'NAME', description: 'Name', default: 'a' }),
  file: optionalFlag({ placeholder: 'FILE', description: 'File' }),
  label: listFlag({ placeholder: 'LABEL', description: 'Label' }),
  loose: switchFlag('Loose'),
};
const defaults = { port: 8080, level: 'info', name: 'a', file: undefined, label: [], loose: false };

describe('readFlags', () => {
  test.for<[string, string[], object]>([
    ['gives the defaults without arguments', [], {}],
    ['reads a value after = and after a blank', ['--port=1', '--name', 'b'], { port: 1, name: 'b' }],
    ['keeps a value that looks like a flag after =', ['--name=--x'], { name: '--x' }],
    ['keeps the order of a repeated flag', ['--label=b', '--label=a'], { label: ['b', 'a'] }],
    ['takes the last value of a flag that is no list', ['--port=1', '--port=2'], { port: 2 }],
    ['sets a switch', ['--loose'], { loose: true }],
    ['takes an empty optional flag as absent', ['--file='], { file: undefined }],
  ])('%s', ([, args, expected]) => {
    expect(readFlags(flags, args)).toEqual({ ...defaults, ...expected });
  });

  test.for([
    ['--help', ['--port=x', '--help']],
    ['-h', ['-h']],
  ] as const)('asks for help with %s, whatever else is wrong', ([, args]) => {
    expect(readFlags(flags, args)).toBe('help');
  });

  test.for<[string, string[], string]>([
    ['an unknown flag', ['--prot=1'], 'unknown flag --prot'],
    [
      'a flag that is named like a property of every object',
      ['--constructor=1'],
      'unknown flag --constructor',
    ],
    ['an unknown short flag', ['-x'], 'unknown flag -x'],
    ['an argument that is no flag', ['up'], 'unexpected argument "up"; only flags are expected'],
    ['a flag without its value', ['--port'], '--port needs a value: --port=PORT'],
    ['a flag in the place of a value', ['--port', '--loose'], '--port needs a value: --port=PORT'],
    ['a switch with a value', ['--loose=no'], '--loose takes no value; "no" was given'],
    ['a port that is none', ['--port=http'], '--port "http" must be a whole number from 0 to 65535'],
    ['an empty port', ['--port='], '--port "" must be a whole number from 0 to 65535'],
    ['a port that is too large', ['--port=65536'], '--port "65536" must be a whole number from 0 to 65535'],
    ['a word that is no choice', ['--level=loud'], '--level "loud" must be one of info, warn'],
  ])('refuses %s', ([, args, message]) => {
    expect(() => readFlags(flags, args)).toThrow(new UsageError(message));
  });

  test('refuses a command line without a required flag, and says what the flag is', () => {
    const order = requiredFlag({ placeholder: 'FILE', description: 'The join order' });
    expect(() => readFlags({ order }, [])).toThrow(new UsageError('--order FILE is missing: The join order'));
    expect(readFlags({ order }, ['--order=a'])).toEqual({ order: 'a' });
  });

  test('passes on an error that is not about the command line', () => {
    const bug: Flag<never> = {
      description: '',
      read: () => {
        throw new RangeError('bug');
      },
    };
    expect(() => readFlags({ bug }, [])).toThrow(RangeError);
  });
});
