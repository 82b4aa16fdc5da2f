import { KINDS, kindOf } from './kinds.ts';
import {
  conditionsOf,
  failed,
  inProgress,
  type LiveObject,
  type Readiness,
  ready,
  said,
} from './readiness.ts';

/**
 * Whether an object is ready, by the rules of kstatus, which `helm --wait` uses: first what all kinds share (deletion,
 * observedGeneration, the conditions Reconciling and Stalled), then the rule of the kind, else the condition Ready. What
 * has none of these is ready.
 */
export function readinessOf(object: LiveObject): Readiness {
  return shared(object) ?? KINDS[kindOf(object)]?.rule?.(object) ?? byReadyCondition(object);
}

function shared(object: LiveObject): Readiness | undefined {
  const { metadata, status } = object;
  if (metadata.deletionTimestamp) return inProgress('it is being deleted');
  const observed = status?.['observedGeneration'];
  const { generation } = metadata;
  if (typeof observed === 'number' && generation !== undefined && observed !== generation) {
    return inProgress(`its controller has seen generation ${observed}, the newest is ${generation}`);
  }
  for (const condition of conditionsOf(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return inProgress(said(condition));
    if (condition.type === 'Stalled') return failed(said(condition));
  }
  return undefined;
}

function byReadyCondition(object: LiveObject): Readiness {
  const condition = conditionsOf(object).find(
    ({ type, status }) => type === 'Ready' && /^(True|False|Unknown)$/.test(status ?? ''),
  );
  return condition && condition.status !== 'True' ? inProgress(said(condition)) : ready();
}
