import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { EXIT } from '#api/contract/report.ts';
import { isProgress } from '#operator/host/progress.ts';

const text = await readFile('docs/troubleshooting.md', 'utf8');

/** The rows of the page's tables: the reasons of the first cell, and the other cells. */
const rows = text
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
  .map(([first = '', ...cells]) => ({
    reasons: [...first.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, reason = '']) => reason),
    cells: cells.map((cell) => cell.trim()),
    first,
  }));

/** What is shown to the API server or written to a log, and never a reason in a status. */
const ELSEWHERE = [
  ...['Invalid', 'PluginReplaced', 'PluginTooOld', 'Timeout'],
  ...['Completed', 'Failed', 'Installed', 'NodeNotKept', 'DeletionByPinion', 'Refused', 'EtcdHasRoom'],
  ...['PluginFailed', 'PluginInstalled', 'PluginInstalling', 'PluginOrphaned', 'PluginRetrying'],
];

describe('docs/troubleshooting.md', () => {
  test('says of each reason of an executor whether it is retried, as the code does', () => {
    const said = rows
      .filter(({ cells: [retried = ''] }) => /^(yes|no|by a new Job)$/.test(retried))
      .flatMap(({ reasons, cells }) => reasons.map((reason) => [reason, cells[0] === 'yes'] as const));
    const documented = new Map(said);
    const { Succeeded: _, ...failures } = EXIT;
    const expected = Object.entries(failures).map(([reason, { retry }]) => [reason, retry]);
    expect(expected.map(([reason]) => [reason, documented.get(String(reason))])).toEqual(expected);
  });

  test('says to wait exactly where an Event is no Warning', () => {
    const relevant = rows.filter(({ cells, first }) => cells.length === 1 && !/\(/.test(first));
    const waits = relevant.flatMap(({ reasons, cells: [what = ''] }) =>
      reasons.filter(() => /^(nothing|wait)\b/.test(what)),
    );
    const others = relevant.flatMap(({ reasons, cells: [what = ''] }) =>
      reasons.filter(() => !/^(nothing|wait)\b/.test(what)),
    );
    expect(waits.filter((reason) => !isProgress(reason))).toEqual([]);
    expect(others.filter((reason) => reason !== 'Suspended' && isProgress(reason))).toEqual([
      'WaitingForNodes',
    ]);
  });

  test('names every reason that the code gives', async () => {
    const files = await Promise.all(
      ['api', 'operator', 'webhook'].map((folder) => readdir(folder, { recursive: true })),
    );
    const paths = files.flatMap((names, i) =>
      names.map((name) => `${['api', 'operator', 'webhook'][i]}/${name}`),
    );
    const given = new Set<string>();
    for (const path of paths.filter((one) => one.endsWith('.ts') && !one.endsWith('.test.ts'))) {
      const code = await readFile(path, 'utf8');
      const found = code.matchAll(/(?:\breason: |(?:Terminal|Reasoned)Error\(\s*)'([A-Z][A-Za-z]+)'/g);
      for (const [, reason = ''] of found) given.add(reason);
    }
    expect(given.size).toBeGreaterThan(60);
    const missing = [...given].filter(
      (reason) => !ELSEWHERE.includes(reason) && !text.includes(`\`${reason}\``),
    );
    expect(missing).toEqual([]);
  });
});
