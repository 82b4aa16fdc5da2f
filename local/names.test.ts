import { expect, test } from 'vitest';
import { machineNames, namesFor, portOf } from './names.ts';

test('namesFor gives two clones different names, and the same clone always the same', () => {
  expect(namesFor('/a/pinion')).toEqual(namesFor('/a/pinion'));
  expect(namesFor('/a/pinion').prefix).not.toBe(namesFor('/b/pinion').prefix);
});

test('every name of a link fits the 15 characters of the kernel', () => {
  const names = namesFor('/some/very/long/path/to/a/clone');
  for (const link of [names.hostLink, ...machineNames.map((machine) => portOf(names, machine))])
    expect(link.length).toBeLessThanOrEqual(15);
});
