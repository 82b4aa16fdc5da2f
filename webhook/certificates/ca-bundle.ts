import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type Resource, resource as resourceOf } from '#kube/resource.ts';

type Configuration = { metadata: ObjectMeta; webhooks?: { clientConfig: { caBundle?: string } }[] };

const GROUP = 'admissionregistration.k8s.io/v1';
const kind = (name: string, plural: string): Resource<Configuration> =>
  resourceOf<Configuration>(GROUP, name, plural, { namespaced: false });
const KINDS = [
  kind('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
  kind('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
];

/**
 * Writes the bundle into every webhook of both configurations of this name.
 * @returns the kinds of configuration that do not exist
 * @throws ApiError, also on a concurrent write: retry
 */
export async function publishCaBundle(client: KubeClient, name: string, bundle: string): Promise<string[]> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const missing: string[] = [];
  for (const resource of KINDS) {
    const configuration = await ignoreNotFound(client.get(resource, { name }));
    if (!configuration) {
      missing.push(resource.kind);
      continue;
    }
    const changes = (configuration.webhooks ?? []).flatMap(({ clientConfig }, i) =>
      clientConfig.caBundle === caBundle
        ? []
        : [{ op: 'add', path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle }],
    );
    if (changes.length === 0) continue;
    // The indexes are valid only for the version that was read.
    const test = {
      op: 'test',
      path: '/metadata/resourceVersion',
      value: configuration.metadata.resourceVersion,
    };
    await client.patch(resource, { name }, [test, ...changes], { form: 'json' });
  }
  return missing;
}
