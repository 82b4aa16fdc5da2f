import {
  conditionsOf,
  failed,
  inProgress,
  type LiveObject,
  type Readiness,
  ready,
  said,
  trueCondition,
} from './readiness.ts';

/** Each rule asks the questions of kstatus in its order; the first that is answered with no decides. */

function numberAt(part: Record<string, unknown> | undefined, name: string, otherwise = 0): number {
  const value = part?.[name];
  return typeof value === 'number' ? value : otherwise;
}

/** The first count that is too low, as a sentence; undefined when none is. */
function short(
  counts: readonly (readonly [what: string, is: number, wanted: number])[],
): Readiness | undefined {
  const low = counts.find(([, is, wanted]) => is < wanted);
  return low && inProgress(`${low[1]} of ${low[2]} pods ${low[0]}`);
}

const surplus = (is: number, wanted: number): Readiness | undefined =>
  is > wanted ? inProgress(`${is - wanted} old pods are still there`) : undefined;

/** A paused one is not rolled out, so helm doesn't wait for it. */
export function byDeployment(object: LiveObject): Readiness {
  const { spec, status } = object;
  if (spec?.['paused'] === true) return ready('paused');
  const conditions = conditionsOf(object);
  const exceeded = conditions.find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  if (exceeded) return failed(said(exceeded));
  const wanted = numberAt(spec, 'replicas', 1);
  const updated = numberAt(status, 'updatedReplicas');
  // Without a deadline the controller never says that the rollout is complete.
  const unlimited = numberAt(spec, 'progressDeadlineSeconds', NO_DEADLINE) === NO_DEADLINE;
  return (
    short([
      ['exist', numberAt(status, 'replicas'), wanted],
      ['are updated', updated, wanted],
    ]) ??
    surplus(numberAt(status, 'replicas'), wanted) ??
    short([
      ['are available', numberAt(status, 'availableReplicas'), updated],
      ['are ready', numberAt(status, 'readyReplicas'), wanted],
    ]) ??
    (unlimited || trueCondition(object, 'Progressing')?.reason === 'NewReplicaSetAvailable'
      ? undefined
      : inProgress('its new ReplicaSet is not available')) ??
    (trueCondition(object, 'Available') ? ready() : inProgress('it is not Available'))
  );
}

/** What the deployment controller takes for no deadline. */
const NO_DEADLINE = 2 ** 31 - 1;

export function byStatefulSet({ spec, status }: LiveObject): Readiness {
  const strategy = spec?.['updateStrategy'] as
    | { type?: string; rollingUpdate?: Record<string, unknown> }
    | undefined;
  if (strategy?.type === 'OnDelete') return ready('its pods are updated when they are deleted');
  const wanted = numberAt(spec, 'replicas', 1);
  const counted =
    short([
      ['exist', numberAt(status, 'replicas'), wanted],
      ['are ready', numberAt(status, 'readyReplicas'), wanted],
    ]) ?? surplus(numberAt(status, 'replicas'), wanted);
  if (counted) return counted;
  // The API server always sets it; pods below it keep their revision.
  const partition = numberAt(strategy?.rollingUpdate, 'partition');
  return short([['are updated', numberAt(status, 'updatedReplicas'), wanted - partition]]) ?? ready();
}

export function byDaemonSet({ metadata, status }: LiveObject): Readiness {
  if (metadata.generation === undefined || typeof status?.['observedGeneration'] !== 'number') {
    return inProgress('its controller has not seen it');
  }
  const wanted = numberAt(status, 'desiredNumberScheduled', -1);
  if (wanted === -1) return inProgress('its controller has not counted its nodes');
  return (
    short([
      ['exist', numberAt(status, 'currentNumberScheduled'), wanted],
      ['are updated', numberAt(status, 'updatedNumberScheduled'), wanted],
      ['are available', numberAt(status, 'numberAvailable'), wanted],
      ['are ready', numberAt(status, 'numberReady'), wanted],
    ]) ?? ready()
  );
}

export function byReplicaSet(object: LiveObject): Readiness {
  const { spec, status } = object;
  const failure = trueCondition(object, 'ReplicaFailure');
  if (failure) return inProgress(said(failure));
  const wanted = numberAt(spec, 'replicas', 1);
  return (
    short([
      ['have its labels', numberAt(status, 'fullyLabeledReplicas'), wanted],
      ['are available', numberAt(status, 'availableReplicas'), wanted],
      ['are ready', numberAt(status, 'readyReplicas'), wanted],
    ]) ??
    surplus(numberAt(status, 'replicas'), wanted) ??
    ready()
  );
}

/** A Job that runs is ready: like helm without --wait-for-jobs, nothing waits for its end. */
export function byJob(object: LiveObject): Readiness {
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Complete') return ready();
    if (condition.type === 'Failed') return failed(said(condition));
  }
  return object.status?.['startTime'] ? ready() : inProgress('it has not started');
}

export function byPod(object: LiveObject): Readiness {
  switch (object.status?.['phase']) {
    case 'Succeeded':
    case 'Failed':
      return ready();
    case 'Running': {
      if (trueCondition(object, 'Ready')) return ready();
      const containers = (object.status['containerStatuses'] ?? []) as {
        name: string;
        state?: { waiting?: { reason?: string } };
      }[];
      const crashing = containers.filter(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
      if (crashing.length === 0) return inProgress('it runs and is not Ready');
      return failed(`container ${crashing.map(({ name }) => name).join(', ')} is in CrashLoopBackOff`);
    }
    default:
      return inProgress('it has not started');
  }
}

export const byClaim = ({ status }: LiveObject): Readiness =>
  status?.['phase'] === 'Bound'
    ? ready()
    : inProgress(`it is not bound: ${status?.['phase'] ?? 'no phase yet'}`);

export function byDefinition(object: LiveObject): Readiness {
  for (const condition of conditionsOf(object)) {
    const { type, status, reason } = condition;
    if (type === 'NamesAccepted' && status === 'False') return failed(said(condition));
    if (type !== 'Established') continue;
    if (status === 'True') return ready();
    if (status === 'False' && reason !== 'Installing') return failed(said(condition));
  }
  return inProgress('it is not established');
}
