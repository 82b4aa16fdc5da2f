import type { PluginSetProblem } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import { isTrue } from '#kube/conditions.ts';
import type { HoldInput, Sibling } from './hold-input.ts';

/** The plugin waits for its turn: nothing is wrong with it. */
export const WAITING_FOR_DEPENDENCY = 'WaitingForDependency';

/** Why a plugin has to wait for one that it depends on: until that one is installed and, where asked for, verified. */
export function dependencyNotReady({ plugin, siblings, setProblems }: HoldInput): Problem | undefined {
  const byName = new Map(siblings.map((sibling) => [sibling.plugin.metadata.name, sibling]));
  const cycle = cycleOf(plugin, byName);
  if (cycle) return inCycle(cycle);
  const holds = dependenciesOf(byName.get(plugin))
    .map((dependency) => holdBy(dependency, byName.get(dependency), setProblems))
    .filter((hold) => hold !== undefined);
  return holds.find(({ reason }) => reason !== WAITING_FOR_DEPENDENCY) ?? holds[0];
}

function holdBy(
  name: string,
  dependency: Sibling | undefined,
  setProblems: readonly PluginSetProblem[],
): Problem | undefined {
  const problem = setProblems.find(({ plugin }) => plugin === name);
  if (problem) return unavailable(problem);
  if (dependency === undefined) return undefined;
  const { status, isCurrent } = dependency;
  // Not the phase: that is for people, and anybody may have edited it.
  if (isTrue({ status }, 'Ready') && isCurrent) return undefined;
  return isTrue({ status }, 'Stalled') && isCurrent
    ? hasFailed(name, status.reason)
    : isNotInstalledYet(name);
}

const dependenciesOf = (sibling: Sibling | undefined) =>
  (sibling?.plugin.spec.dependsOn ?? []).map(({ name }) => name);

/** The way from a plugin along dependencies back to itself: `a, b, a`. */
function cycleOf(start: string, siblings: ReadonlyMap<string, Sibling>): string[] | undefined {
  const seen = new Set<string>();
  const follow = (way: string[]): string[] | undefined => {
    for (const next of dependenciesOf(siblings.get(way.at(-1) ?? ''))) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const cycle = follow([...way, next]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  return follow([start]);
}

const inCycle = (cycle: string[]): Problem => ({
  reason: 'DependencyCycle',
  message: `plugins depend on each other in a cycle: ${cycle.join(' → ')}; remove one of them from dependsOn`,
});

const unavailable = ({ reason, message }: PluginSetProblem): Problem => ({
  reason: reason === 'PluginNotFound' ? 'DependencyNotFound' : reason,
  message,
});

const hasFailed = (dependency: string, reason = 'Failed'): Problem => ({
  reason: 'DependencyFailed',
  message: `dependency ${dependency} failed (${reason}); fix ${dependency} and this plugin installs automatically`,
});

const isNotInstalledYet = (dependency: string): Problem => ({
  reason: WAITING_FOR_DEPENDENCY,
  message: `waiting for dependency ${dependency} to be installed`,
});
