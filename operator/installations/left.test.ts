import { expect, test } from 'vitest';
import type { FormerPlace, InstallationRecord } from '#api/kinds/plugininstallation.ts';
import { formerPlaces, leftBehind, leftOf, stillHeld, whatIsLeft } from './left.ts';

const chart = (targetNamespace: string, release = 'web', more: object = {}): InstallationRecord => ({
  kind: 'chart',
  targetNamespace,
  release,
  targetUid: 'uid',
  ...more,
});
const yaml = (targetNamespace: string): InstallationRecord => ({
  kind: 'yaml',
  targetNamespace,
  targetUid: 'uid',
});

test.for([
  [
    'another target namespace',
    { installed: chart('old', 'web', { revision: 3 }) },
    chart('new'),
    [chart('old', 'web', { revision: 3 })],
  ],
  ['another release', { installed: chart('a', 'one') }, chart('a', 'two'), [chart('a', 'one')]],
  ['a chart instead of manifests', { installed: yaml('a') }, chart('a'), [yaml('a')]],
  ['manifests instead of a chart', { installed: chart('a') }, yaml('a'), [chart('a')]],
  ['a second move', { installed: chart('b'), former: [chart('a')] }, chart('c'), [chart('b'), chart('a')]],
  [
    'a move after one that failed',
    { installed: chart('a'), installing: chart('b') },
    chart('c'),
    [chart('a'), chart('b')],
  ],
  ['a move back', { installed: chart('b'), former: [chart('a')] }, chart('a'), [chart('b')]],
  [
    'a record without the uid of its target',
    { installed: { kind: 'yaml' as const, targetNamespace: 'a' } },
    yaml('b'),
    [yaml('a')],
  ],
] as const)('%s leaves the former place behind', ([, recorded, now, former]) => {
  expect(formerPlaces({ ...recorded } as never, now)).toEqual(former);
});

test.for([
  ['the same place', { installed: chart('a') }, chart('a')],
  [
    'a kustomization instead of manifests',
    { installed: yaml('a') },
    { ...yaml('a'), kind: 'kustomize' as const },
  ],
  ['a first install', {}, chart('a')],
  [
    'a record of a release that did not write the namespace',
    { installed: { kind: 'chart' as const, release: 'web' } },
    chart('a'),
  ],
  ['another target cluster', { installed: chart('a', 'web', { targetUid: 'other' }) }, chart('b')],
] as const)('%s leaves no former place', ([, recorded, now]) => {
  expect(formerPlaces(recorded, now)).toBeUndefined();
});

const FORMER: FormerPlace[] = [chart('a'), yaml('b')];
const report = { step: 'report', reason: 'Succeeded', message: '' } as const;

test.for([
  ['no report', undefined, FORMER],
  ['a report that says nothing of them', report, FORMER],
  ['one that is still there', { ...report, former: [{ at: 1, shared: false }] }, [yaml('b')]],
  [
    'one whose objects are shared',
    { ...report, former: [{ at: 0, shared: true }] },
    [{ ...chart('a'), shared: true }],
  ],
  ['none that is there', { ...report, former: [] }, undefined],
  ['one that nobody asked for', { ...report, former: [{ at: 9, shared: true }] }, undefined],
] as const)('of former places, %s leaves the right ones', ([, said, held]) => {
  expect(stillHeld(FORMER, said as never)).toEqual(held);
});

test.for([
  [
    'a release',
    chart('old', 'web', { revision: 3 }),
    /Helm release web \(revision 3\) is still in namespace old .* helm uninstall web -n old$/,
  ],
  [
    'a release whose objects are shared',
    { ...chart('old'), shared: true },
    /kubectl delete secret -n old -l owner=helm,name=web$/,
  ],
  ['manifests', yaml('old'), /listed in ConfigMap old\/pinion-inventory-web-.* kubectl delete/],
] as const)('what is left of %s comes with the command that removes it', ([, place, says]) => {
  expect(whatIsLeft(place, { namespace: 'demo', name: 'web' })).toMatch(says);
});

test('an install that leaves something behind is a Warning, once', () => {
  const plugin = { namespace: 'demo', name: 'web' };
  const after = {
    phase: 'Installed' as const,
    job: 'demo/two',
    former: [chart('old')],
    left: { count: 2, objects: ['ConfigMap a/b', 'Service a/c'] },
  };
  const event = leftBehind(plugin, { phase: 'Installing', job: 'demo/two' }, after);
  expect(event).toMatchObject({ type: 'Warning', reason: 'LeftBehind' });
  expect(event?.message).toMatch(
    /^plugin web: Helm release web .*helm uninstall web -n old; 2 objects .*Service a\/c$/,
  );
  expect(leftBehind(plugin, after, after)).toBeUndefined();
  expect(leftBehind(plugin, undefined, { phase: 'Installed', job: 'demo/two' })).toBeUndefined();
});

test('what a report names is cut to the limits of the status', () => {
  const objects = Array.from({ length: 50 }, () => 'x'.repeat(600));
  const left = leftOf({ ...report, left: { count: 50, objects } });
  expect(left?.objects).toHaveLength(20);
  expect(left?.objects[0]).toHaveLength(512);
  expect(left?.count).toBe(50);
});
