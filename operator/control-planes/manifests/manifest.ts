import type { Draft } from '#kube/client.ts';
import { type KubeObject, type Resource, resource } from '#kube/resource.ts';
import type { ComponentImages, ComponentName } from '#operator/host/component-images.ts';
import type { GroupSettings } from '#operator/host/pod-settings.ts';
import { withMetadataSettings } from '#operator/host/with-pod-settings.ts';
import type { Names } from '../names.ts';
import type { ControlPlaneSpec } from '../spec.ts';

/** Programs of a control plane, by the names of their images. */
export type Program = Extract<
  ComponentName,
  'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'konnectivity-server'
>;
export type Images = Pick<ComponentImages, Program>;

/** What the manifests of one control plane are rendered from. */
export type RenderInput = {
  namespace: string;
  names: Names;
  labels: Record<string, string>;
  spec: ControlPlaneSpec;
  images: Images;
  /** What the administrator sets for the pods of all control planes. */
  podSettings: GroupSettings;
  /** Hash of each Secret's texts. It is part of the pod template, so a change replaces the pods. */
  hashes: Partial<Record<keyof Names, string>>;
};

type AnyObject = KubeObject & Record<string, unknown>;
export type Manifest = Omit<Draft<AnyObject>, 'metadata'> & {
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
};
/** An object as the control plane needs it, in the control plane's namespace. */
export type Desired = { resource: Resource<KubeObject>; manifest: Manifest };

export const services = resource('v1', 'Service', 'services');
export const deployments = resource('apps/v1', 'Deployment', 'deployments');
export const statefulSets = resource('apps/v1', 'StatefulSet', 'statefulsets');
export const budgets = resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const networkPolicies = resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');

/** Distinguishes the pods of one control plane by program. */
export const PROGRAM_LABEL = 'app.kubernetes.io/name';
export const CERTIFICATES_ANNOTATION = 'kosmos.io/certificates';

/** Metadata of an object of the control plane. */
export const metadata = ({ labels }: RenderInput, name: string, program?: Program): Manifest['metadata'] => ({
  name,
  labels: program ? { ...labels, [PROGRAM_LABEL]: program } : labels,
});

/** Metadata of an object that creates pods. */
export const workloadMetadata = (input: RenderInput, name: string, program: Program): Manifest['metadata'] =>
  withMetadataSettings(metadata(input, name, program), input.podSettings);

export const selector = ({ labels }: RenderInput, program: Program): Record<string, string> => ({
  'kosmos.io/cluster-uid': labels['kosmos.io/cluster-uid'] ?? '',
  [PROGRAM_LABEL]: program,
});
