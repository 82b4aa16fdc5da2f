import { expect, test } from 'vitest';
import { revisionIn } from './deploy-chart.ts';

const output = (notes = '') =>
  `Release "web" has been upgraded. Happy Helming!\nNAME: web\nNAMESPACE: a\nSTATUS: deployed\nREVISION: 12\nDESCRIPTION: Upgrade complete\n${notes}`;

test.for([
  ['in the output of an upgrade', output(), 12],
  ['with notes that name another one', output('NOTES:\nSTATUS: odd\nREVISION: 99\n'), 12],
  ['with a REVISION in notes alone', 'NOTES:\nREVISION: 99\n', undefined],
  ['in no output', '', undefined],
] as const)('revisionIn %s finds the right revision', ([, text, revision]) => {
  expect(revisionIn(text)).toBe(revision);
});
