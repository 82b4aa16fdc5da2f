import { failureOf, type TargetClient } from './client.ts';

/** Creates a namespace unless it exists. @throws Failure */
export async function createNamespace(client: TargetClient, name: string): Promise<void> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const answer = await client.request('POST', '/api/v1/namespaces', { body });
  if (answer.code !== 201 && answer.code !== 409) throw failureOf(answer, `namespace ${name}`);
}
