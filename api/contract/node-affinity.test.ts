import { expect, test } from 'vitest';
import { withNode } from './node-affinity.ts';

const field = (values: string[]) => ({ key: 'metadata.name', operator: 'In', values });
const required = (nodeSelectorTerms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
});

test('a Job without affinity requires the node', () => {
  expect(withNode('a')).toEqual(required([{ matchFields: [field(['a'])] }]));
});

test('every alternative that was required before requires the node as well', () => {
  const before = required([{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }, {}]);
  expect(withNode('a', before)).toEqual(
    required([
      { matchExpressions: [{ key: 'x', operator: 'Exists' }], matchFields: [field(['a'])] },
      { matchFields: [field(['a'])] },
    ]),
  );
});

test('pinning again changes nothing', () => {
  expect(withNode('a', withNode('a'))).toEqual(withNode('a'));
});

test('another node that a host path asks for is still required: then no node is right', () => {
  expect(withNode('a', required([{ matchFields: [field(['b'])] }]))).toEqual(
    required([{ matchFields: [field(['b']), field(['a'])] }]),
  );
});
