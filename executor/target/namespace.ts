import { failureOf, type TargetClient } from './client.ts';

/**
 * Makes the namespace if it is not there. It asks first: an account that may not make namespaces can still use
 * one that exists.
 */
export async function ensureNamespace(client: TargetClient, name: string): Promise<void> {
  const found = await client.request('GET', `/api/v1/namespaces/${name}`);
  // Forbidden to look: whatever is done in it next will say more.
  if (found.code === 200 || found.code === 403) return;
  if (found.code !== 404) throw failureOf(found, `namespace ${name}`);
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const made = await client.request('POST', '/api/v1/namespaces', { body });
  if (made.code !== 201 && made.code !== 409) throw failureOf(made, `namespace ${name}`);
}
