import { LABEL } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import { type SlotLocation, sourceReferences } from '#api/sources/location.ts';
import type { SourceReference } from '#api/sources/source-row.ts';
import { nodeConflict } from '#kube/node-conflict.ts';
import { claims, nodes, secrets } from '#kube/resources.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/**
 * Looks for everything in the plugin's namespace that its sources need.
 * @throws ReasonedError ClaimNotFound, NodeNotFound, SecretNotFound, SecretNotLabelled or
 * DifferentNodes; the message names the field.
 */
export async function checkReferences(
  references: ReferenceReader,
  namespace: string,
  locations: readonly SlotLocation[],
): Promise<void> {
  const named = sourceReferences(locations);
  for (const reference of named) await checkReference(references, namespace, reference);
  const conflict = await nodeConflict(
    (of, name) => references.find(of, name),
    named.map((reference) => ({ ...reference, namespace })),
  );
  if (conflict !== undefined) throw new ReasonedError('DifferentNodes', conflict);
}

async function checkReference(
  references: ReferenceReader,
  namespace: string,
  reference: SourceReference,
): Promise<void> {
  const { field, name } = reference;
  switch (reference.kind) {
    case 'PersistentVolumeClaim':
      if (await references.find(claims, { namespace, name })) return;
      throw new ReasonedError(
        'ClaimNotFound',
        `${field}: no PersistentVolumeClaim ${namespace}/${name}; create it, or correct the claim before the colon`,
      );
    case 'Node':
      if (await references.find(nodes, { name })) return;
      throw new ReasonedError('NodeNotFound', `${field}: no node ${name}; correct nodeName`);
    case 'Secret':
      return checkCredentials(references, { namespace, name }, field);
  }
}

async function checkCredentials(
  references: ReferenceReader,
  { namespace, name }: { namespace: string; name: string },
  field: string,
): Promise<void> {
  const secret = await references.find(secrets, { namespace, name });
  if (!secret) {
    throw new ReasonedError('SecretNotFound', `${field}: no Secret ${namespace}/${name}; create it`);
  }
  if (secret.metadata.labels?.[LABEL.sourceCredentials] !== 'true') {
    throw new ReasonedError(
      'SecretNotLabelled',
      `${field}: Secret ${namespace}/${name} lacks the label ${LABEL.sourceCredentials}=true, which lets sources use it; label it`,
    );
  }
}
