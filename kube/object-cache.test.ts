import { expect, test } from 'vitest';
import { ObjectCache } from './object-cache.ts';

const object = (name: string, colour: string) => ({ metadata: { namespace: 'n', name, uid: name }, colour });
const names = (objects: { metadata: { name: string } }[]) => objects.map(({ metadata }) => metadata.name);

test('an index follows what replaces an object, which keeps its place where it had one', () => {
  const cache = new ObjectCache<ReturnType<typeof object>>({ colour: ({ colour }) => [colour] });
  for (const name of ['a', 'b', 'c']) cache.set(object(name, 'red'));
  cache.set(object('a', 'red'));
  expect(names(cache.byIndex('colour', 'red'))).toEqual(['a', 'b', 'c']);
  cache.set(object('b', 'blue'));
  expect(names(cache.byIndex('colour', 'red'))).toEqual(['a', 'c']);
  expect(names(cache.byIndex('colour', 'blue'))).toEqual(['b']);
  cache.delete('n/a');
  expect(names(cache.byIndex('colour', 'red'))).toEqual(['c']);
});
