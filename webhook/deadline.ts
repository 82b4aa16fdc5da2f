import { ReasonedError } from '#api/errors.ts';
import type { Clock } from '#kube/clock.ts';

/**
 * The promise's value, if it resolves in time.
 * @throws ReasonedError `Timeout`: the API server waits only 5 s for a webhook, and its own error names no cause.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () =>
    late.reject(new ReasonedError('Timeout', `${what} took longer than ${limitMs} ms; retry`)),
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    cancel();
  }
}
