import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../target/client.ts';

/** For how long a transient answer is retried. */
const PATIENCE_MS = 15_000;

/**
 * Whether an answer is likely to change by itself: a namespace that was just made has no default service account yet, a kind that was just
 * defined is not served everywhere, a webhook that was just applied has no pod, a server is busy.
 */
export function isTransient({ code, body }: Answer): boolean {
  const message = String(body['message']);
  if (code === 403)
    return /service ?account "?[^"]*"? not found|error looking up service account/.test(message);
  if (code === 500) return /failed calling webhook/.test(message);
  // Namespaces come first, so one that is missing stays missing.
  if (code === 404) return !/^namespaces "/.test(message);
  return code === 409 || code === 429 || code === 503;
}

/** Repeats a request, first after 200 ms, while its answer is transient, time is left and `abort` has not fired. */
export async function retryTransient(
  send: () => Promise<Answer>,
  deps: { abort: AbortSignal; remaining: () => number },
): Promise<Answer> {
  const end = performance.now() + Math.min(PATIENCE_MS, deps.remaining());
  for (let pause = 200; ; pause = Math.min(pause * 2, 2000)) {
    const answer = await send();
    if (!isTransient(answer) || deps.abort.aborted || performance.now() + pause >= end) return answer;
    await delay(pause);
  }
}
