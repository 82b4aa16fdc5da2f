import type { Flag, Flags } from './flags.ts';

const WIDTH = 110;
/** Longer labels get a line of their own. */
const LABEL_WIDTH = 30;

/** The lines of --help that describe the flags, in the order of the table, each ended by a newline. */
export const flagsHelp = (flags: Flags): string =>
  [...Object.entries(flags), HELP_FLAG].map(([name, flag]) => entry(name, flag)).join('');

const HELP_FLAG: [string, Flag<boolean>] = [
  'help',
  { description: 'Print this help and exit', read: () => true },
];

function entry(name: string, flag: Flag<unknown>): string {
  const label = `  --${name}${flag.placeholder === undefined ? '' : ` ${flag.placeholder}`}`;
  const lines = wrap(`${flag.description}${notes(flag)}`, WIDTH - LABEL_WIDTH - 2);
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  const isShort = label.length <= LABEL_WIDTH;
  const first = isShort ? `${label.padEnd(LABEL_WIDTH)}  ${lines.shift() ?? ''}` : label;
  return [first, ...lines.map((line) => indent + line)].map((line) => `${line}\n`).join('');
}

function notes(flag: Flag<unknown>): string {
  const all = [
    ...(flag.isRequired ? ['required'] : []),
    ...(flag.isRepeatable ? ['may be repeated'] : []),
    ...(flag.default === undefined ? [] : [`default: ${flag.default}`]),
  ];
  return all.length === 0 ? '' : ` (${all.join('; ')})`;
}

/** The text in lines of at most `width` characters, broken at spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
