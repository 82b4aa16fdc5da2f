import { expect, test } from 'vitest';
import { pinnedTo } from './pin.ts';

const field = (values: string[]) => ({ key: 'metadata.name', operator: 'In', values });
const required = (nodeSelectorTerms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
});

test('a Job without affinity requires the node', () => {
  expect(pinnedTo('a')).toEqual(required([{ matchFields: [field(['a'])] }]));
});

test('every alternative that was required before requires the node as well', () => {
  const before = required([{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }, {}]);
  expect(pinnedTo('a', before)).toEqual(
    required([
      { matchExpressions: [{ key: 'x', operator: 'Exists' }], matchFields: [field(['a'])] },
      { matchFields: [field(['a'])] },
    ]),
  );
});

test('pinning again changes nothing', () => {
  expect(pinnedTo('a', pinnedTo('a'))).toEqual(pinnedTo('a'));
});

test('another node that a host path asks for is still required: then no node is right', () => {
  expect(pinnedTo('a', required([{ matchFields: [field(['b'])] }]))).toEqual(
    required([{ matchFields: [field(['b']), field(['a'])] }]),
  );
});
