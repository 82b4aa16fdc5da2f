import { expect, test } from 'vitest';
import { fieldManager, formerManagers, inTarget, pluginOfManager } from './target-names.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

test.for(['web', 'web.v1', `${'a'.repeat(179)}.${'b'.repeat(60)}`, 'a.'.repeat(126).slice(0, 251)])(
  'the plugin %s has objects with sound names in the target',
  (name) => {
    const made = `pinion-manifests-${inTarget({ namespace: 'a', name })}`;
    expect(made).toMatch(NAME);
    expect(made.length).toBeLessThanOrEqual(253);
  },
);

test.for([
  ['team-a', 'web', 'pinion/team-a/web'],
  ['n'.repeat(63), 'p'.repeat(57), `pinion/${'n'.repeat(63)}/${'p'.repeat(57)}`],
] as const)('the field manager of %s/%s names the plugin', ([namespace, name, manager]) => {
  expect(fieldManager({ namespace, name })).toBe(manager);
  expect(pluginOfManager(manager)).toBe(`${namespace}/${name}`);
});

test('field managers of long names fit the API and differ', () => {
  const managers = ['a', 'b'].map((end) => fieldManager({ namespace: 'team', name: 'p'.repeat(252) + end }));
  expect(managers.map(({ length }) => length)).toEqual([128, 128]);
  expect(new Set(managers).size).toBe(2);
});

test.for(['helm', 'kubectl', 'pinion', 'pinion-executor', 'other/pinion/a/b'])(
  'the field manager %s is no plugin of Pinion',
  (manager) => {
    expect(pluginOfManager(manager)).toBeUndefined();
  },
);

test('a plugin takes over what the plugin of the catalogue had that it replaces, and not its own', () => {
  const of = (namespace: string) => formerManagers({ namespace, name: 'dns' }, { namespace: 'team' });
  expect(of('team')).toEqual(['pinion', 'pinion/pinion-catalogue/dns']);
  expect(of('pinion-catalogue')).toEqual(['pinion', 'pinion/team/dns']);
});
