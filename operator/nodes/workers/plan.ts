import type { NodeStatus } from '#api/kinds/virtualcluster.ts';
import type { Problem } from '#api/problem.ts';
import type { Pod } from '#kube/resources.ts';
import { nodeReadiness } from '../readiness.ts';
import { planLiving } from './plan-living.ts';
import { ageOf, type Step, type WorkerAct, type WorkersObservation, workerStatus } from './step.ts';

export type WorkersPlan = {
  acts: WorkerAct[];
  nodes: NodeStatus[];
  /** Entries of `nodes` that must be recorded before the acts begin. */
  journal: NodeStatus[];
  settled: boolean;
};

/** Disruption budgets in the tenant delay a change of size for this long. */
const DRAIN_MS = 120_000;
/** Finalizers and webhooks in the tenant delay it for this long; they could block it for ever. */
const HELD_MS = 240_000;

/** Plans one step of every worker. New workers start before old ones leave, with at most one more than is wanted. */
export function planWorkers(o: WorkersObservation): WorkersPlan {
  const wanted = new Set(o.wanted.map(({ name }) => name));
  // Not from the tenant's nodes: its owner can create a Node with any name.
  const surplus = [...new Set([...o.pods.keys(), ...o.recorded.keys()])]
    .filter((name) => !wanted.has(name))
    .sort();
  const wantedSteps = planWanted(o);
  const ready = wantedSteps.filter(({ status }) => status.phase === 'Ready').length;
  const surplusSteps = planSurplus(
    o,
    surplus,
    ready,
    wantedSteps.some(({ stuck }) => stuck),
  );
  const steps = [...wantedSteps, ...surplusSteps];
  const nodes = steps.flatMap(({ status, gone }) => (gone ? [] : [status]));
  return {
    acts: steps.flatMap(({ acts }) => acts),
    nodes,
    journal: steps.filter(({ begins }) => begins).map(({ status }) => status),
    settled: ready === o.wanted.length && nodes.length === ready,
  };
}

function planWanted(o: WorkersObservation): Step[] {
  const alive = [...o.pods.values()].filter((pod) => !isEnding(pod)).length;
  let room = o.wanted.length + 1 - alive;
  return o.wanted.map((worker): Step => {
    const { name } = worker;
    const pod = o.pods.get(name);
    if (pod && !isEnding(pod)) return planLiving(o, name, pod);
    if (pod || o.nodes.has(name)) {
      const problem = { reason: 'WorkerLost', message: `worker pod ${name} has ended and is being replaced` };
      return { status: workerStatus(o, name, 'Pending', problem), acts: [{ kind: 'remove', name }] };
    }
    if (room <= 0) {
      const problem = { reason: 'WaitingForRoom', message: 'waiting for an old worker pod to terminate' };
      return { status: workerStatus(o, name, 'Pending', problem), acts: [] };
    }
    room -= 1;
    const problem = { reason: 'Creating', message: 'the worker pod is being created' };
    const status = workerStatus(o, name, 'Pending', problem);
    return { status, acts: [{ kind: 'create', worker }], begins: !o.recorded.has(name) };
  });
}

const isEnding = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Failed' || status?.phase === 'Succeeded';

function planSurplus(o: WorkersObservation, names: readonly string[], ready: number, stuck: boolean): Step[] {
  const working = names.filter((name) => isWorking(o, name));
  // Until all wanted workers are Ready, an old one stays for each that is missing.
  let mayLeave =
    ready === o.wanted.length ? working.length : Math.max(0, ready + working.length - o.wanted.length);
  const isOneLeaving = names.some((name) => o.recorded.get(name)?.phase === 'Leaving' && o.pods.has(name));
  if (stuck && mayLeave === 0 && !isOneLeaving) mayLeave = 1;
  return names.map((name): Step => {
    const pod = o.pods.get(name);
    const node = o.nodes.get(name);
    if (!pod || !node || isEnding(pod)) return planRemains(o, name);
    const isLeaving = o.recorded.get(name)?.phase === 'Leaving';
    if (!isLeaving) {
      if (mayLeave <= 0) return planLiving(o, name, pod);
      mayLeave -= 1;
    }
    const status = workerStatus(o, name, 'Leaving', NOT_WANTED, 'Drain');
    const age = ageOf(o, status);
    if (age > HELD_MS) return { status, acts: [{ kind: 'remove', name }] };
    const force = age > DRAIN_MS || !nodeReadiness(name, node).ready;
    return { status, acts: [{ kind: 'drain', name, force }], begins: !isLeaving };
  });
}

const NOT_WANTED: Problem = { reason: 'NotWanted', message: 'the cluster requests different worker pods' };

/** A worker without a pod has only its Node left, which the tenant's owner may hold. */
function planRemains(o: WorkersObservation, name: string): Step {
  const status = workerStatus(o, name, 'Leaving', NOT_WANTED, 'Remove');
  const isGone = !o.pods.has(name) && (!o.nodes.has(name) || ageOf(o, status) > HELD_MS);
  return isGone ? { status, acts: [], gone: true } : { status, acts: [{ kind: 'remove', name }] };
}

/** A worker that runs and is not leaving. */
const isWorking = (o: WorkersObservation, name: string): boolean => {
  const pod = o.pods.get(name);
  return (
    pod !== undefined && !isEnding(pod) && o.nodes.has(name) && o.recorded.get(name)?.phase !== 'Leaving'
  );
};
