import { Failure } from '../../failure.ts';
import { type Discovery, groupPath } from '../../target/discovery.ts';
import { KINDS, kindOf } from './kinds.ts';
import { inProgress, type LiveObject, type Readiness } from './readiness.ts';
import { readinessOf } from './status.ts';
import type { Waited } from './waited.ts';

/** What is known of one object that is waited for. */
export type State = Waited & { readiness: Readiness; live?: LiveObject };

/** Objects that one list and one watch show: a single one, or all of a kind in a namespace. By name. */
export type Group = { path: string; selector: string; kind: string; states: Map<string, State> };

/** Up to so many objects of one kind and namespace are asked for by name; more than that are asked for together. */
const BY_NAME = 5;

/** @throws Failure when the target has no such kind */
export async function groupsOf(
  waited: readonly Waited[],
  discovery: Discovery,
  namespace: string,
): Promise<Group[]> {
  const byPath = new Map<string, Map<string, State>>();
  for (const object of waited) {
    const { apiVersion, kind } = object;
    const served = KINDS[kindOf(object)] ?? (await discovery.find(apiVersion, kind));
    if (!served) {
      throw new Failure(
        'ApplyFailed',
        `${kind} ${object.name}: the target no longer serves this kind of ${apiVersion}`,
      );
    }
    const { resource, namespaced } = served;
    const state: State = {
      ...object,
      namespace: namespaced ? (object.namespace ?? namespace) : undefined,
      readiness: inProgress('it was not found'),
    };
    const place = state.namespace ? `/namespaces/${encodeURIComponent(state.namespace)}` : '';
    const path = `${groupPath(apiVersion)}${place}/${resource}`;
    byPath.set(path, (byPath.get(path) ?? new Map<string, State>()).set(state.name, state));
  }
  return [...byPath].flatMap(([path, states]) => {
    const kind = [...states.values()][0]?.kind ?? '';
    if (states.size > BY_NAME) return [{ path, selector: '', kind, states }];
    return [...states].map(([name, state]) => ({
      path,
      selector: `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`,
      kind,
      states: new Map([[name, state]]),
    }));
  });
}

/** Takes over what a list or an event says. An object that is gone after it was ready (a Job with a TTL) stays ready. */
export function update(group: Group, objects: readonly Record<string, unknown>[], deleted = false): void {
  for (const object of objects) {
    const { name } = (object['metadata'] ?? {}) as { name?: string };
    const state = group.states.get(name ?? '');
    if (!state) continue;
    // Items of a list have no type of their own.
    const live = { ...object, apiVersion: state.apiVersion, kind: state.kind } as LiveObject;
    if (!deleted) Object.assign(state, { live, readiness: readinessOf(live) });
    else if (state.readiness.is !== 'Ready')
      Object.assign(state, { live: undefined, readiness: inProgress('it was deleted') });
  }
}
