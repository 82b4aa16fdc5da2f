import { LABEL } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { SlotLocation } from '#api/sources/location.ts';
import { claims, nodes, secrets } from '#kube/resources.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { checkNodeBindings } from './node-bindings.ts';

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
  for (const { field, location } of locations) {
    switch (location.kind) {
      case 'claim':
        if (!(await references.find(claims, { namespace, name: location.claim }))) {
          throw new ReasonedError(
            'ClaimNotFound',
            `${field}: no PersistentVolumeClaim ${namespace}/${location.claim}; create it, or correct the claim before the colon`,
          );
        }
        break;
      case 'host':
        if (location.nodeName && !(await references.find(nodes, { name: location.nodeName }))) {
          throw new ReasonedError('NodeNotFound', `${field}: no node ${location.nodeName}; correct nodeName`);
        }
        break;
      case 'catalogue':
        break;
      case 'uri':
      case 'repository':
        if (location.secret) await checkSecret(references, namespace, location.secret, field);
        break;
    }
  }
  await checkNodeBindings(references, namespace, locations);
}

async function checkSecret(references: ReferenceReader, namespace: string, name: string, field: string) {
  const secret = await references.find(secrets, { namespace, name });
  if (!secret) {
    throw new ReasonedError(
      'SecretNotFound',
      `${field}.secretRef: no Secret ${namespace}/${name}; create it`,
    );
  }
  if (secret.metadata.labels?.[LABEL.sourceCredentials] !== 'true') {
    throw new ReasonedError(
      'SecretNotLabelled',
      `${field}.secretRef: Secret ${namespace}/${name} is not labelled ${LABEL.sourceCredentials}=true, which says that sources may use it; label it`,
    );
  }
}
