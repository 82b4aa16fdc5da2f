import { expect, test } from 'vitest';
import { describeNodeConflict, hostnamesOfVolume } from './node-binding.ts';

const on = (...hostnames: string[]) => ({ field: `on-${hostnames}`, what: 'claim a', hostnames });

test.each([
  ['no source is bound', [], undefined],
  ['one source is bound', [on('a')], undefined],
  ['both are bound to one node', [on('a'), on('a')], undefined],
  ['they share a node', [on('a', 'b'), on('b', 'c')], undefined],
  ['they share none', [on('a'), on('b', 'c')], /on-a \(claim a\) to a, on-b,c \(claim a\) to b or c/],
  ['the third is elsewhere', [on('a'), on('a'), on('b')], /on-a.*on-b/],
])('%s', (_what, bindings, conflict) => {
  const found = describeNodeConflict(bindings);
  if (conflict === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(conflict);
});

const term = (key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] });
const volume = (...nodeSelectorTerms: object[]) => ({ nodeAffinity: { required: { nodeSelectorTerms } } });

test.each([
  ['a local volume is bound to its host', volume(term('kubernetes.io/hostname', 'a')), ['a']],
  [
    'alternatives add up',
    volume(term('kubernetes.io/hostname', 'a'), term('kubernetes.io/hostname', 'b')),
    ['a', 'b'],
  ],
  ['a volume of a zone is bound to no host that is known', volume(term('zone', 'a')), undefined],
  ['a volume without affinity is bound to none', {}, undefined],
])('%s', (_what, spec, hostnames) => {
  expect(hostnamesOfVolume(spec)).toEqual(hostnames);
});
