import { expect, test } from 'vitest';
import { failureOf } from './client.ts';

test.for([
  ['ApplyFailed', 403, 'unable to create new content in namespace web because it is being terminated'],
  ['ApplyRejected', 403, 'User "a" cannot create resource "leases"'],
  ['TargetUnauthorized', 401, 'Unauthorized'],
  ['ApplyFailed', 503, 'try again'],
] as const)('%s: %i %s', ([reason, code, message]) => {
  expect(
    failureOf({ code, body: { message } } as unknown as Parameters<typeof failureOf>[0], 'a').reason,
  ).toBe(reason);
});
