import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type Resource, resource } from '#kube/resource.ts';

type Configuration = { metadata: ObjectMeta; webhooks?: { clientConfig: { caBundle?: string } }[] };

const GROUP = 'admissionregistration.k8s.io/v1';
const kind = (name: string, plural: string): Resource<Configuration> =>
  resource<Configuration>(GROUP, name, plural, { namespaced: false });
const KINDS = [
  kind('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
  kind('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
];

/**
 * Writes the bundle into every webhook of both configurations of this name.
 * @returns the kinds of which there is none (yet).
 * @throws ApiError, also when somebody else writes at the same time: try again.
 */
export async function publishCaBundle(client: KubeClient, name: string, bundle: string): Promise<string[]> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const missing: string[] = [];
  for (const of of KINDS) {
    const found = await ignoreNotFound(client.get(of, { name }));
    if (!found) {
      missing.push(of.kind);
      continue;
    }
    const changes = (found.webhooks ?? []).flatMap(({ clientConfig }, i) =>
      clientConfig.caBundle === caBundle
        ? []
        : [{ op: 'add', path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle }],
    );
    if (changes.length === 0) continue;
    // The indexes hold only for what was read.
    const test = { op: 'test', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion };
    await client.patch(of, { name }, [test, ...changes], { form: 'json' });
  }
  return missing;
}
