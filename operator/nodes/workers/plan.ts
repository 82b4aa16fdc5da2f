import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Pod } from '#kube/resources.ts';
import { judgeNode } from '../readiness.ts';
import { planLiving } from './plan-living.ts';
import { ageOf, entryOf, type Step, type WorkerAct, type WorkersObservation } from './step.ts';

export type WorkersPlan = {
  acts: WorkerAct[];
  nodes: NodeStatus[];
  /** Entries of `nodes` that must be written down before the acts. */
  journal: NodeStatus[];
  settled: boolean;
};

/** After it disruption budgets in the tenant no longer hold up a change of size. */
const DRAIN_MS = 120_000;
/** After it nothing in the tenant does: a finalizer, or a webhook that says no, would hold it for ever. */
const HELD_MS = 240_000;

/** Adds what is missing before what is too much goes, with at most one worker more than is wanted. */
export function planWorkers(seen: WorkersObservation): WorkersPlan {
  const wanted = new Set(seen.wanted.map(({ name }) => name));
  // Not what the tenant's nodes say: who owns the tenant can make a Node of any name.
  const surplus = [...new Set([...seen.pods.keys(), ...seen.recorded.keys()])]
    .filter((name) => !wanted.has(name))
    .sort();
  const wantedSteps = planWanted(seen);
  const ready = wantedSteps.filter(({ entry }) => entry.phase === 'Ready').length;
  const surplusSteps = planSurplus(
    seen,
    surplus,
    ready,
    wantedSteps.some(({ stuck }) => stuck),
  );
  const steps = [...wantedSteps, ...surplusSteps];
  const nodes = steps.flatMap(({ entry, gone }) => (gone ? [] : [entry]));
  return {
    acts: steps.flatMap(({ acts }) => acts),
    nodes,
    journal: steps.filter(({ begins }) => begins).map(({ entry }) => entry),
    settled: ready === seen.wanted.length && nodes.length === ready,
  };
}

function planWanted(seen: WorkersObservation): Step[] {
  const alive = [...seen.pods.values()].filter((pod) => !isEnding(pod)).length;
  let room = seen.wanted.length + 1 - alive;
  return seen.wanted.map((worker): Step => {
    const { name } = worker;
    const pod = seen.pods.get(name);
    if (pod && !isEnding(pod)) return planLiving(seen, name, pod);
    if (pod || seen.nodes.has(name)) {
      const problem = { reason: 'WorkerLost', message: `worker pod ${name} has ended; it is replaced` };
      return { entry: entryOf(seen, name, 'Pending', problem), acts: [{ kind: 'remove', name }] };
    }
    if (room <= 0) {
      const problem = { reason: 'WaitingForRoom', message: 'it begins when another worker has gone' };
      return { entry: entryOf(seen, name, 'Pending', problem), acts: [] };
    }
    room -= 1;
    const problem = { reason: 'Creating', message: 'its pod is being created' };
    const entry = entryOf(seen, name, 'Pending', problem);
    return { entry, acts: [{ kind: 'create', worker }], begins: !seen.recorded.has(name) };
  });
}

const isEnding = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Failed' || status?.phase === 'Succeeded';

function planSurplus(
  seen: WorkersObservation,
  names: readonly string[],
  ready: number,
  stuck: boolean,
): Step[] {
  const staying = names.filter((name) => isLeaveable(seen, name));
  // While not all that is wanted is Ready, as many of the old stay as are missing.
  let mayLeave =
    ready === seen.wanted.length ? staying.length : Math.max(0, ready + staying.length - seen.wanted.length);
  const oneLeaves = names.some((name) => seen.recorded.get(name)?.phase === 'Leaving' && seen.pods.has(name));
  if (stuck && mayLeave === 0 && !oneLeaves) mayLeave = 1;
  return names.map((name): Step => {
    const pod = seen.pods.get(name);
    const node = seen.nodes.get(name);
    if (!pod || !node || isEnding(pod)) return planRemains(seen, name);
    const isLeaving = seen.recorded.get(name)?.phase === 'Leaving';
    if (!isLeaving) {
      if (mayLeave <= 0) return planLiving(seen, name, pod);
      mayLeave -= 1;
    }
    const entry = entryOf(seen, name, 'Leaving', NOT_WANTED, 'Drain');
    const age = ageOf(seen, entry);
    if (age > HELD_MS) return { entry, acts: [{ kind: 'remove', name }] };
    const force = age > DRAIN_MS || !judgeNode(name, node).ready;
    return { entry, acts: [{ kind: 'drain', name, force }], begins: !isLeaving };
  });
}

const NOT_WANTED: Problem = { reason: 'NotWanted', message: 'the cluster asks for other worker pods' };

/** Of a worker without pod only the tenant's Node is left: its owner may keep that. */
function planRemains(seen: WorkersObservation, name: string): Step {
  const entry = entryOf(seen, name, 'Leaving', NOT_WANTED, 'Remove');
  const isGone = !seen.pods.has(name) && (!seen.nodes.has(name) || ageOf(seen, entry) > HELD_MS);
  return isGone ? { entry, acts: [], gone: true } : { entry, acts: [{ kind: 'remove', name }] };
}

/** A worker that works and has not been told to go. */
const isLeaveable = (seen: WorkersObservation, name: string): boolean => {
  const pod = seen.pods.get(name);
  return (
    pod !== undefined &&
    !isEnding(pod) &&
    seen.nodes.has(name) &&
    seen.recorded.get(name)?.phase !== 'Leaving'
  );
};
