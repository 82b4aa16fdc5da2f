import { describe, expect, test } from 'vitest';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { PluginSetProblem } from '#api/plugin-set.ts';
import { holdInput, sibling } from '#test/builders/hold-input.ts';
import { plugin, RECORD, recorded, TIME } from '#test/observed.ts';
import { dependencyNotReady } from './hold-dependency.ts';
import type { Sibling } from './hold-input.ts';

type State = 'new' | 'working' | 'installed' | 'failed' | 'waiting' | 'orphaned';

const condition = (type: string) => ({
  conditions: [{ type, status: 'True' as const, reason: 'Any', message: '', lastTransitionTime: TIME }],
});

const STATUS: Record<State, PluginInstallationStatus> = {
  new: {},
  working: { phase: 'Installing', action: 'install', reason: 'PodStarting' },
  waiting: { phase: 'Pending', reason: 'ClaimNotFound', message: 'no claim' },
  installed: { ...recorded(), ...condition('Ready') },
  failed: { phase: 'Failed', reason: 'VerifyTimeout', failedDigest: 'digest-1', ...condition('Stalled') },
  orphaned: { phase: 'Orphaned', reason: 'Disabled', installed: RECORD },
};

/** A plugin of the cluster, and what it depends on. */
const observed = (name: string, state: State, ...dependencies: string[]): Sibling => {
  const dependsOn = dependencies.map((dependency) => ({ name: dependency }));
  return sibling(plugin({ dependsOn }, { name }), { status: STATUS[state] });
};
const outdated = (other: Sibling): Sibling => ({ ...other, isCurrent: false });
const web = (...dependencies: string[]) => observed('web', 'new', ...dependencies);

const gone: PluginSetProblem = { reason: 'PluginNotFound', plugin: 'dns', message: 'no plugin dns' };
const off: PluginSetProblem = { reason: 'DependencyDisabled', plugin: 'dns', message: 'dns is disabled' };

type Row = {
  when: string;
  siblings: Sibling[];
  setProblems?: PluginSetProblem[];
  /** undefined: nothing keeps plugin web back. */
  reason: string | undefined;
  message?: RegExp;
};

const rows: Row[] = [
  { when: 'it depends on nothing', siblings: [web()], reason: undefined },
  {
    when: 'somebody has edited the phase of its dependency to Installed',
    siblings: [sibling(plugin({}, { name: 'dns' }), { status: { phase: 'Installed' } }), web('dns')],
    reason: 'WaitingForDependency',
  },
  {
    when: 'its dependency is installed',
    siblings: [observed('dns', 'installed'), web('dns')],
    reason: undefined,
  },
  {
    when: 'its dependency is not observed yet',
    siblings: [observed('dns', 'new'), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'its dependency is being installed',
    siblings: [observed('dns', 'working'), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'its dependency waits for something itself',
    siblings: [observed('dns', 'waiting'), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'its dependency is enabled again and its record is still orphaned',
    siblings: [observed('dns', 'orphaned'), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'its dependency was installed before it changed',
    siblings: [outdated(observed('dns', 'installed')), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'its dependency failed',
    siblings: [observed('dns', 'failed'), web('dns')],
    reason: 'DependencyFailed',
    message: /dependency dns failed \(VerifyTimeout\); fix dns/,
  },
  {
    when: 'its dependency failed before it changed',
    siblings: [outdated(observed('dns', 'failed')), web('dns')],
    reason: 'WaitingForDependency',
    message: /dependency dns/,
  },
  {
    when: 'one dependency is being installed and another failed',
    siblings: [observed('cni', 'working'), observed('dns', 'failed'), web('cni', 'dns')],
    reason: 'DependencyFailed',
    message: /dependency dns/,
  },
  {
    when: 'its dependency does not exist',
    siblings: [web('dns')],
    setProblems: [gone],
    reason: 'DependencyNotFound',
    message: /^no plugin dns$/,
  },
  {
    when: 'its dependency is disabled',
    siblings: [web('dns')],
    setProblems: [off],
    reason: 'DependencyDisabled',
    message: /^dns is disabled$/,
  },
  {
    when: 'it depends on itself by way of others',
    siblings: [observed('a', 'new', 'b'), observed('b', 'new', 'web'), web('a')],
    reason: 'DependencyCycle',
    message: /web → a → b → web/,
  },
  {
    when: 'it depends on a cycle that it is no part of',
    siblings: [observed('a', 'new', 'b'), observed('b', 'new', 'a'), web('a')],
    reason: 'WaitingForDependency',
    message: /dependency a/,
  },
  {
    when: 'two of its dependencies depend on a third, which is no cycle',
    siblings: [
      observed('a', 'installed', 'dns'),
      observed('b', 'installed', 'dns'),
      observed('dns', 'installed'),
      web('a', 'b'),
    ],
    reason: undefined,
  },
];

describe('dependencyNotReady', () => {
  test.for(rows.map((row) => [row.when, row.reason ?? 'nothing', row] as const))(
    'when %s answers %s',
    ([, , { siblings, setProblems = [], reason, message }]) => {
      const hold = dependencyNotReady(holdInput({ siblings, setProblems }));
      expect(hold?.reason).toBe(reason);
      if (message) expect(hold?.message).toMatch(message);
    },
  );
});
