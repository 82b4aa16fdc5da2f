import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../target/client.ts';

/** How long an answer that is likely to change by itself is waited out. */
const PATIENCE_MS = 15_000;

/**
 * Answers that pass: a namespace that was just made has no default service account yet, a kind that was just
 * defined is not served everywhere, a webhook that was just applied has no pod, a server is busy.
 */
export function passes({ code, body }: Answer): boolean {
  const message = String(body['message']);
  if (code === 403)
    return /service ?account "?[^"]*"? not found|error looking up service account/.test(message);
  if (code === 500) return /failed calling webhook/.test(message);
  // Namespaces come first, so one that is missing stays missing.
  if (code === 404) return !/^namespaces "/.test(message);
  return code === 409 || code === 429 || code === 503;
}

/** Asks again, first after 200 ms, while the answer passes, there is time and nobody wants an end. */
export async function patiently(
  ask: () => Promise<Answer>,
  deps: { abort: AbortSignal; remaining: () => number },
): Promise<Answer> {
  const end = performance.now() + Math.min(PATIENCE_MS, deps.remaining());
  for (let pause = 200; ; pause = Math.min(pause * 2, 2000)) {
    const answer = await ask();
    if (!passes(answer) || deps.abort.aborted || performance.now() + pause >= end) return answer;
    await delay(pause);
  }
}
