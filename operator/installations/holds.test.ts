import { describe, expect, test } from 'vitest';
import { holdInput, sibling } from '#test/builders/hold-input.ts';
import { cluster, plugin } from '#test/observed.ts';
import type { HoldInput } from './hold-input.ts';
import { firstHold, WAITING_FOR_SLOT } from './holds.ts';

const chart = { pluginSources: { chart: { storage: { uri: 'oci://charts.example/x' } } } };
const taken = { ...chart, releaseName: 'web' };
/** Another plugin has release `web`; the plugin `web` depends on one that isn't installed. */
const web = (dependsOn: { name: string }[]) => sibling(plugin({ ...taken, dependsOn }));
const owner = sibling(plugin(taken, { name: 'a' }));
const dns = sibling(plugin({}, { name: 'dns' }));

/** In the order of precedence: what makes each hold apply, and its reason. */
const HOLDS: [reason: string, input: Partial<HoldInput>][] = [
  ['Suspended', { cluster: cluster({ spec: { suspend: true } }) }],
  ['TargetUnreachable', { targetProblem: { reason: 'TargetUnreachable', message: 'no answer' } }],
  ['WebhookUnavailable', { injectionWaitMs: 1 }],
  ['ReleaseNameTaken', { siblings: [owner, web([]), dns] }],
  ['WaitingForDependency', { siblings: [web([{ name: 'dns' }]), dns] }],
  [WAITING_FOR_SLOT, { slots: { taken: 8, limit: 8 } }],
];
const DEPENDENT_AND_TAKEN = { siblings: [owner, web([{ name: 'dns' }]), dns] };

describe('firstHold', () => {
  test.for(HOLDS)('is %s when only that applies', ([reason, input]) => {
    expect(firstHold(holdInput(input))?.reason).toBe(reason);
  });

  test('is nothing when nothing applies', () => {
    expect(firstHold(holdInput())).toBeUndefined();
  });

  const pairs = HOLDS.flatMap(([first, input], i) =>
    HOLDS.slice(i + 1).map(([second, other]) => ({ first, second, input: { ...other, ...input } })),
  );
  test.for(pairs)('is $first when $second applies as well', ({ first, second, input }) => {
    const both =
      first === 'ReleaseNameTaken' && second === 'WaitingForDependency' ? DEPENDENT_AND_TAKEN : input;
    expect(firstHold(holdInput(both))?.reason).toBe(first);
  });

  test('looks again at a target that does not answer when the target says so', () => {
    const targetProblem = { reason: 'TargetUnreachable', message: 'no answer', requeueAfterMs: 4_000 };
    expect(firstHold(holdInput({ targetProblem }))?.requeueAfterMs).toBe(4_000);
  });

  test('looks again when the wait for the webhook is over', () => {
    expect(firstHold(holdInput({ injectionWaitMs: 2_500 }))?.requeueAfterMs).toBe(2_500);
  });

  test.for([
    [0, 1, undefined],
    [1, 1, WAITING_FOR_SLOT],
    [7, 8, undefined],
    [8, 8, WAITING_FOR_SLOT],
    [9, 8, WAITING_FOR_SLOT],
  ] as const)('with %i of %i slots taken by other plugins is %s', ([used, limit, reason]) => {
    expect(firstHold(holdInput({ slots: { taken: used, limit } }))?.reason).toBe(reason);
  });
});
