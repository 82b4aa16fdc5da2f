import { Failure } from '../../failure.ts';
import type { ManifestObject } from '../../render/manifests.ts';
import { groupPath } from '../../target/discovery.ts';
import type { DeployContext } from '../context.ts';

/** @throws Failure when the work must end */
export function stopWhenDue(context: DeployContext): void {
  if (context.abort.aborted) throw new Failure('Terminated', 'terminated while manifests were being applied');
  if (context.remaining() <= 0) {
    throw new Failure(
      'InstallTimeout',
      `not applied within ${Math.round(context.order.timeoutMs / 1000)} s; raise spec.timeout`,
    );
  }
}

/** Waits until the API serves the kind of a definition, which takes a moment. @throws Failure */
export async function established(context: DeployContext, object: ManifestObject): Promise<void> {
  while (!(await isEstablished(context, object))) {
    stopWhenDue(context);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** @throws Failure when another definition has the name of the kind */
export async function isEstablished({ client }: DeployContext, object: ManifestObject): Promise<boolean> {
  const path = `${groupPath(object.apiVersion)}/customresourcedefinitions/${encodeURIComponent(object.name)}`;
  const { body } = await client.request('GET', path);
  const status = body['status'] as { conditions?: { type: string; status: string; message?: string }[] };
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  if (refused) {
    throw new Failure(
      'ApplyRejected',
      `CustomResourceDefinition ${object.name} (${object.file}): ${refused.message}`,
    );
  }
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}
