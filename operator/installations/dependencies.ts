import type { PluginSetProblem } from '#api/plugin-set.ts';
import type { Problem } from '#api/problem.ts';
import type { PluginObservation } from './observation.ts';
import { planPlugin } from './plan.ts';

/**
 * Holds every plugin until all that it depends on is installed and, where asked for, verified. What is installed
 * or runs already is not held. Pure. `problems` are those of the plugin set: dependencies that can't be had.
 */
export function orderByDependencies(
  observed: readonly PluginObservation[],
  problems: readonly PluginSetProblem[],
): PluginObservation[] {
  const plans = new Map(observed.map((one) => [nameOf(one), planPlugin(one)]));
  const dependencies = new Map(observed.map((one) => [nameOf(one), dependenciesOf(one)]));

  const holdFor = (name: string): Problem | undefined => {
    const cycle = cycleOf(name, dependencies);
    if (cycle) return inCycle(cycle);
    const holds = (dependencies.get(name) ?? []).map(holdBy).filter((hold) => hold !== undefined);
    return holds.find(({ reason }) => reason !== WAITING_FOR_DEPENDENCY) ?? holds[0];
  };
  const holdBy = (dependency: string): Problem | undefined => {
    const problem = problems.find(({ plugin }) => plugin === dependency);
    if (problem) return notToBeHad(problem);
    const plan = plans.get(dependency);
    if (!plan || plan.progress === 'installed') return undefined;
    const { reason = '' } = plan.status;
    return plan.progress === 'failed' ? hasFailed(dependency, reason) : isOnItsWay(dependency);
  };
  return observed.map((one) => {
    const hold = one.hold ?? holdFor(nameOf(one));
    return hold ? { ...one, hold } : one;
  });
}

/** Of a plugin that nothing is wrong with: its turn comes. */
export const WAITING_FOR_DEPENDENCY = 'WaitingForDependency';

const nameOf = ({ wanted }: PluginObservation) => wanted.plugin.metadata.name;
const dependenciesOf = ({ wanted }: PluginObservation) =>
  (wanted.plugin.spec.dependsOn ?? []).map(({ name }) => name);

/** The way from a plugin along dependencies back to itself: `a, b, a`. */
function cycleOf(start: string, dependencies: ReadonlyMap<string, string[]>): string[] | undefined {
  const seen = new Set<string>();
  const follow = (way: string[]): string[] | undefined => {
    for (const next of dependencies.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow([...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return follow([start]);
}

const inCycle = (cycle: string[]): Problem => ({
  reason: 'DependencyCycle',
  message: `plugins depend on each other in a circle: ${cycle.join(' → ')}; remove one of these from dependsOn`,
});

const notToBeHad = ({ reason, message }: PluginSetProblem): Problem => ({
  reason: reason === 'PluginNotFound' ? 'DependencyNotFound' : reason,
  message,
});

const hasFailed = (dependency: string, reason: string): Problem => ({
  reason: 'DependencyFailed',
  message: `it depends on plugin ${dependency}, which failed (${reason}); mend that one, and this one follows`,
});

const isOnItsWay = (dependency: string): Problem => ({
  reason: WAITING_FOR_DEPENDENCY,
  message: `it is installed once plugin ${dependency} is`,
});
