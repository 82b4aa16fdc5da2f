import type { Answer } from '../../target/client.ts';

/**
 * Whether an answer is likely to change by itself: a namespace that was just made has no default service account yet, a kind that was just
 * defined is not served everywhere, a webhook that was just applied has no pod, a server is busy.
 */
export function isTransient({ code, body }: Answer): boolean {
  const message = String(body['message']);
  if (code === 403)
    return /service ?account "?[^"]*"? not found|error looking up service account/.test(message);
  if (code === 500) return /failed calling webhook/.test(message);
  // Namespaces come first, so one that is missing stays missing, or is waited for itself.
  if (code === 404) return !/^namespaces "/.test(message);
  return code === 409 || code === 429 || code === 503;
}
