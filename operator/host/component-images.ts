import { ReasonedError } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type KubeObject, resource } from '#kube/resource.ts';
import { cached } from '#kube/ttl-cache.ts';

/** The components of managed clusters: the containers of the PodTemplate `pinion-components`. */
export const COMPONENT_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'konnectivity-server',
  'konnectivity-agent',
  'worker',
  'pause',
  'coredns',
  'metrics-server',
  'node-local-dns',
] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];
export type ComponentImages = Readonly<Record<ComponentName, string>>;

const TEMPLATE = 'pinion-components';

type PodTemplate = KubeObject & {
  template: { spec?: { containers?: { name: string; image?: string }[] } };
};
const podTemplates = resource<PodTemplate>('v1', 'PodTemplate', 'podtemplates');

/** The image of each component that a template names. @throws ReasonedError for one without an image. */
export function imagesOf(template: PodTemplate): ComponentImages {
  const given = new Map(template.template.spec?.containers?.map(({ name, image }) => [name, image]));
  const entries = COMPONENT_NAMES.map((name): [ComponentName, string] => {
    const image = given.get(name);
    if (!image)
      throw new ReasonedError(
        'ComponentImageMissing',
        `the PodTemplate ${TEMPLATE} has no image for ${name}; add a container ${name} with an image, as in deploy/operator/components.yaml`,
      );
    return [name, image];
  });
  return Object.fromEntries(entries) as Record<ComponentName, string>;
}

/**
 * The images of control planes and worker nodes, as deploy/ has set them.
 * @throws ReasonedError when the template is absent or lacks one; ApiError.
 */
async function readComponentImages(client: KubeClient, namespace: string): Promise<ComponentImages> {
  const template = await ignoreNotFound(client.get(podTemplates, { namespace, name: TEMPLATE }));
  if (template === undefined)
    throw new ReasonedError(
      'ComponentImagesMissing',
      `no PodTemplate ${TEMPLATE} in namespace ${namespace}, so the images of control planes are unknown; run kubectl apply -k deploy/`,
    );
  return imagesOf(template);
}

/** Covers the burst of reconciles after one change; new images take effect after this time at the latest. */
const IMAGES_TTL_MS = 5_000;

/** A function that reads the images, at most once in 5 s. Rejects as readComponentImages does. */
export function createImageReader({
  client,
  clock,
  namespace,
}: {
  client: KubeClient;
  clock: Clock;
  namespace: string;
}): () => Promise<ComponentImages> {
  return cached({ clock, ttlMs: IMAGES_TTL_MS }, () => readComponentImages(client, namespace));
}
