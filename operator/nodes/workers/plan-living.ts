import type { Problem } from '#api/problem.ts';
import { podBlockage } from '#kube/pod-start.ts';
import type { Pod } from '#kube/resources.ts';
import { judgeNode } from '../readiness.ts';
import { ageOf, entryOf, type Step, type WorkersObservation } from './step.ts';

/** What keeps a pod from starting is told after this. */
const PATIENCE_MS = 10_000;
/** A worker whose Node somebody has deleted is replaced then. */
const LOST_MS = 60_000;
/** A host that has no room for one worker more gets it by the end of an old one. */
const ROOM_MS = 30_000;

/** What a worker whose pod has not ended is at. */
export function planLiving(seen: WorkersObservation, name: string, pod: Pod): Step {
  const judged = judgeNode(name, seen.nodes.get(name));
  const { phase: before, step } = seen.recorded.get(name) ?? {};
  const wasReady = before === 'Ready' || before === 'NotReady';
  if (!judged.problem) {
    return { entry: entryOf(seen, name, 'Ready'), acts: wasReady ? [] : [{ kind: 'joined', name }] };
  }
  const hadNode = wasReady || step === 'Wait';
  const { stuck, ...problem } = obstacleOf(seen, name, pod, judged.problem);
  if (hadNode && !judged.joined) return planUnregistered(seen, name, problem);
  const starting = pod.status?.phase !== 'Running';
  const phase = wasReady ? 'NotReady' : starting ? 'Pending' : 'Joining';
  if (judged.joined) return { entry: entryOf(seen, name, phase, problem, 'Wait'), acts: [], stuck };
  return { entry: entryOf(seen, name, phase, problem), acts: [{ kind: 'admit', name }], stuck };
}

/** Why a worker is not Ready, by its node or by its pod; `stuck` when the host has no room for it. */
function obstacleOf(
  { now }: WorkersObservation,
  name: string,
  pod: Pod,
  ofNode: Problem,
): Problem & { stuck: boolean } {
  const age = now - Date.parse(pod.metadata.creationTimestamp ?? '');
  const blocked = age > PATIENCE_MS ? podBlockage(pod, []) : undefined;
  if (!blocked) return { ...startProblem(name, pod, ofNode), stuck: false };
  const { reason, message } = blocked;
  const stuck = reason === 'Unschedulable' && age > ROOM_MS;
  return { reason, message: `worker pod ${name}: ${message}`, stuck };
}

/** Somebody has deleted its Node, which a kubelet makes only when it starts. */
function planUnregistered(seen: WorkersObservation, name: string, problem: Problem): Step {
  const entry = entryOf(seen, name, 'NotReady', problem, 'Register');
  return { entry, acts: [{ kind: ageOf(seen, entry) > LOST_MS ? 'remove' : 'admit', name }] };
}

function startProblem(name: string, pod: Pod, problem: Problem): Problem {
  if (pod.status?.phase === 'Running') {
    if (problem.reason !== 'NodeNotJoined') return problem;
    const see = `kubectl logs -n ${pod.metadata.namespace} ${name} says how far it is`;
    return { ...problem, message: `${problem.message}; ${see}` };
  }
  return { reason: 'Starting', message: `worker pod ${name} is starting` };
}
