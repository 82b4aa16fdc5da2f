/** How far an object is. `Failed` ends the waiting for it: by itself it does not become ready. */
export type Readiness = { is: 'Ready' | 'InProgress' | 'Failed'; message: string };

type Condition = { type?: string; status?: string; reason?: string; message?: string };

/** An object as the API returns it. */
export type LiveObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    deletionTimestamp?: string;
    resourceVersion?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
};

/** The conditions of an object; what is no list of conditions counts as none. */
export function conditionsOf({ status }: LiveObject): Condition[] {
  const conditions = status?.['conditions'];
  return Array.isArray(conditions)
    ? conditions.filter((one): one is Condition => one !== null && typeof one === 'object')
    : [];
}

/** The condition of a type, if it holds. */
export const trueCondition = (object: LiveObject, wanted: string): Condition | undefined =>
  conditionsOf(object).find(({ type, status }) => type === wanted && status === 'True');

/** What a condition says, in one line. */
export const said = ({ type, reason, message }: Condition) =>
  [reason, message].filter(Boolean).join(': ') || `condition ${type}`;

export const ready = (message = 'ready'): Readiness => ({ is: 'Ready', message });
export const inProgress = (message: string): Readiness => ({ is: 'InProgress', message });
export const failed = (message: string): Readiness => ({ is: 'Failed', message });
