import { expect, test } from 'vitest';
import { isTransient } from './transient.ts';

test.for([
  [
    403,
    'pods "a" is forbidden: error looking up service account x/default: serviceaccount "default" not found',
    true,
  ],
  [403, 'configmaps is forbidden: User "a" cannot patch resource', false],
  [404, 'the server could not find the requested resource', true],
  [404, 'namespaces "typo" not found', false],
  [409, 'Operation cannot be fulfilled', true],
  [422, 'Invalid value', false],
  [429, 'too many requests', true],
  [500, 'Internal error occurred: failed calling webhook "a": connection refused', true],
  [500, 'failed to create typed patch object', false],
] as const)('%i %s: isTransient by itself: %s', ([code, message, expected]) => {
  expect(isTransient({ code, body: { message } })).toBe(expected);
});
