import { describe, expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';
import { listFlag, requiredFlag, switchFlag, textFlag, UsageError } from './flags.ts';

const usage = {
  command: 'node demo/main.ts',
  about: 'Shows how a program is called.',
  flags: {
    order: requiredFlag({ placeholder: 'FILE', description: 'The order' }),
    name: textFlag({ placeholder: 'NAME', description: 'The name', default: 'web' }),
    label: listFlag({
      placeholder: 'KEY=VALUE-OF-ANY-LENGTH',
      description:
        'A label of the nodes that may be used; a node must have all of the labels that are given, so that two of them narrow the choice',
    }),
    loose: switchFlag('Accept anything'),
  },
};
const read = (...args: string[]) =>
  readCommandLine(usage, args, ({ order, name }) => {
    if (name === 'bad') throw new UsageError('bad is taken');
    return { order, name };
  });

describe('readCommandLine', () => {
  test('runs with the configuration', () => {
    expect(read('--order=a')).toEqual({ kind: 'run', config: { order: 'a', name: 'web' } });
  });

  test('exits with 2 for a wrong flag, and says what is wrong and where the flags are listed', () => {
    expect(read('--order=a', '--nmae=b')).toEqual({
      kind: 'exit',
      code: 2,
      stderr: 'unknown flag --nmae\nSee node demo/main.ts --help for all flags.\n',
    });
  });

  test('exits with 2 for flags that do not go together', () => {
    expect(read('--order=a', '--name=bad')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^bad is taken/),
    });
  });

  test('exits with 0 for --help, and describes every flag', () => {
    expect(read('--help')).toEqual({
      kind: 'exit',
      code: 0,
      stdout: `Usage: node demo/main.ts [flags]

Shows how a program is called.

Flags:
  --order FILE                  The order (required)
  --name NAME                   The name (default: web)
  --label KEY=VALUE-OF-ANY-LENGTH
                                A label of the nodes that may be used; a node must have all of the labels that
                                are given, so that two of them narrow the choice (may be repeated)
  --loose                       Accept anything
  --help                        Print this help and exit
`,
    });
  });
});
