import { expect, test } from 'vitest';
import { sameOwner } from './registry-auth.ts';

test.for([
  ['registry.example.com', 'registry.example.com', true],
  ['auth.example.com', 'registry.example.com', true],
  ['evil.example.org', 'registry.example.com', false],
  ['10.0.0.2', '10.0.0.1', false],
  ['evil', 'registry', false],
] as const)('realm %s receives the password of registry %s: %s', ([realm, registry, may]) => {
  expect(sameOwner(realm, registry)).toBe(may);
});
