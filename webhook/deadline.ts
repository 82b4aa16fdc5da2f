import { ReasonedError } from '#api/errors.ts';
import type { Clock } from '#kube/clock.ts';

/**
 * The promise's value, if it comes in time.
 * @throws ReasonedError `Timeout`; the API server itself waits 5 s for a webhook and then says nothing useful.
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
