import { ReasonedError } from '#api/errors.ts';
import type { Clock } from '#kube/clock.ts';

/**
 * The value of the promise if it resolves within `limitMs` milliseconds.
 * @throws ReasonedError `Timeout`; the API server's own message after 5 s would not name the cause.
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
