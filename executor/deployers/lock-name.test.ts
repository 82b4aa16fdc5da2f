import { expect, test } from 'vitest';
import { inTarget } from './lock-name.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

test.for(['web', 'web.v1', `${'a'.repeat(179)}.${'b'.repeat(60)}`, 'a.'.repeat(126).slice(0, 251)])(
  'the plugin %s has objects with sound names in the target',
  (name) => {
    const made = `pinion-manifests-${inTarget({ namespace: 'a', name, uid: 'u', generation: 1 })}`;
    expect(made).toMatch(NAME);
    expect(made.length).toBeLessThanOrEqual(253);
  },
);
