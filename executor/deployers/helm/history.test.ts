import { expect, test } from 'vitest';
import { type Revision, recoveryOf, revisionIn } from './history.ts';

const history = (...statuses: string[]): Revision[] =>
  statuses.map((status, index) => ({
    secret: `s${index}`,
    revision: index + 1,
    status: status === 'never' ? 'superseded' : status,
    labels: status === 'never' ? { 'kosmos.io/never-deployed': 'true' } : {},
  }));

test.for([
  ['a first release needs no recovery', [], undefined],
  ['a deployed release needs no recovery', ['superseded', 'deployed'], undefined],
  ['a failed upgrade needs no recovery', ['deployed', 'failed'], undefined],
  ['a failed upgrade of an older release needs no recovery', ['superseded', 'failed'], undefined],
  ['a failed first installation is installed again', ['failed'], 'uninstalled'],
  ['a second failed installation is installed again', ['never', 'failed'], 'uninstalled'],
  ['a first installation that was cut off is installed again', ['pending-install'], 'uninstalled'],
  ['an upgrade that was cut off is upgraded again', ['deployed', 'pending-upgrade'], 'failed'],
  ['a rollback that was cut off is upgraded', ['superseded', 'deployed', 'pending-rollback'], 'failed'],
  ['a removal that was cut off is installed again', ['uninstalling'], 'uninstalled'],
] as const)('%s', ([, statuses, expected]) => {
  expect(recoveryOf(history(...statuses))).toBe(expected);
});

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
