/** One entry of `status.conditions`. Times are RFC 3339. */
export type Condition = {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  observedGeneration?: number | undefined;
  lastTransitionTime?: string | undefined;
};

/** A condition that Pinion writes. */
type StoredCondition = Condition & { lastTransitionTime: string };

/** An object whose status may have conditions. */
type WithConditions<C extends Condition> = { status?: { conditions?: readonly C[] | undefined } | undefined };

/** The condition of this type, or undefined while nothing has set it. */
export const findCondition = <C extends Condition>(
  object: WithConditions<C> | undefined,
  type: string,
): C | undefined => object?.status?.conditions?.find((condition) => condition.type === type);

/** Whether the condition of this type is `True`. One that is missing or `Unknown` is not. */
export const isTrue = (object: WithConditions<Condition> | undefined, type: string): boolean =>
  findCondition(object, type)?.status === 'True';

/**
 * The conditions with this one set, at the place of the one that it replaces or at the end. lastTransitionTime stays
 * while the status stays and is `now` (milliseconds) otherwise.
 */
export function setCondition<C extends StoredCondition>(
  conditions: readonly C[] | undefined = [],
  condition: Omit<C, 'lastTransitionTime'>,
  now: number,
): C[] {
  const { type, status } = condition;
  const before = conditions.find((other) => other.type === type);
  const lastTransitionTime =
    before?.status === status ? before.lastTransitionTime : new Date(now).toISOString();
  const set = { ...condition, lastTransitionTime } as C;
  return before ? conditions.map((other) => (other === before ? set : other)) : [...conditions, set];
}
