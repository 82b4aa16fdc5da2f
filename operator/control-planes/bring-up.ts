import { ANNOTATION } from '#api/contract/names.ts';
import { TerminalError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { secrets } from '#kube/resources.ts';
import { textsIn } from '#kube/secret-data.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import { credentialSecrets, hashesOf, kubeconfigSecret, MOUNTED, workloads } from './assemble.ts';
import { ensurePki, type Pki } from './cas.ts';
import { wantedCertificates } from './certificates.ts';
import { type CredentialTexts, ensureCredentials, nextDue } from './credentials.ts';
import { endpointsOf, type ServiceState, type TenantEndpoints } from './endpoint.ts';
import { etcdHasAddress, reloadEtcd, storageOf } from './etcd-pod.ts';
import type { HostNodes } from './host-nodes.ts';
import { type Live, readLive } from './live.ts';
import { apiServerService } from './manifests/api-server.ts';
import { etcd, etcdService, quotaOf } from './manifests/etcd.ts';
import type { Desired, Images, RenderInput } from './manifests/manifest.ts';
import { labelsOf, type Names, namesOf, selectorOf } from './names.ts';
import { storePki } from './pki-secret.ts';
import { type ControlPlaneSpec, KUBERNETES_ADDRESS, overlapProblem } from './spec.ts';
import { prune, type Writer, writeAll } from './write.ts';

export type BringUpDependencies = {
  client: KubeClient;
  images: () => Promise<Images>;
  podSettings: ReadPodSettings;
  nodes: HostNodes;
};

/** A control plane as it stands in the host after everything was written. */
export type HostState = {
  names: Names;
  service: ServiceState;
  /** Absent while the API server's Service has no address. */
  endpoints: TenantEndpoints | undefined;
  credentials: CredentialTexts;
  live: Live;
  /** How large etcd's database may grow. */
  quotaBytes: number;
  /** When the next certificate is due for renewal, in milliseconds since the epoch. */
  renewAt: number;
};

/** `thorough`: apply every object, also those that look unchanged. */
type Options = { now: number; thorough: boolean };

/** What every phase works with. */
type Scene = { writer: Writer; input: RenderInput; life: { now: number; lifetimeMs: number } };

/** How the control plane is reached, once its Services are written. */
type Exposure = {
  services: Desired[];
  service: ServiceState;
  endpoints: TenantEndpoints | undefined;
  /** Addresses of all host nodes. */
  hostAddresses: string[];
};

/**
 * Writes everything that a control plane consists of in the host. The order matters twice: certificates name the
 * addresses of the Services, and what needs the datastore is created once etcd's pod has an address, because an API
 * server that dials the Service before the host's proxies know the address waits 20 s.
 * @throws TerminalError when the pod range overlaps the host's addresses; ReasonedError `NameTaken`; ApiError
 */
export async function bringUp(
  deps: BringUpDependencies,
  cluster: VirtualCluster,
  spec: ControlPlaneSpec,
  options: Options,
): Promise<HostState> {
  const scene = await readScene(deps, cluster, spec, options);
  const { writer, life } = scene;
  const { names } = scene.input;
  const storedPki = textsIn(writer.live.find(secrets, names.pki));
  const [exposure, pki] = await Promise.all([expose(scene, deps.nodes), ensurePki(storedPki, life)]);
  refuseOverlap(cluster, spec, exposure);
  const pkiSecret = await storePki(writer, scene.input, pki.texts);
  const credentials = await issueCredentials(scene, exposure, pki.pki);
  const input: RenderInput = { ...scene.input, hashes: hashesOf(credentials) };
  const written = [
    ...exposure.services,
    pkiSecret,
    ...(await writeCredentials(writer, input, credentials, exposure)),
    ...(await writeWorkloads(writer, input)),
  ];
  // Without endpoints the kubeconfig Secret is not in the list, which is no reason to delete it.
  if (exposure.endpoints) await prune(writer, written);
  await reloadEtcd(writer, names, credentials);
  const { service, endpoints } = exposure;
  return {
    names,
    service,
    endpoints,
    credentials,
    live: writer.live,
    quotaBytes: quotaOf(input.spec),
    renewAt: nextDue(pki.pki, credentials),
  };
}

async function readScene(
  { client, images, podSettings }: BringUpDependencies,
  cluster: VirtualCluster,
  spec: ControlPlaneSpec,
  { now, thorough }: Options,
): Promise<Scene> {
  const { namespace, uid, name } = cluster.metadata;
  const names = namesOf(name);
  const [live, componentImages, { controlPlane }] = await Promise.all([
    readLive(client, namespace, selectorOf(cluster)),
    images(),
    podSettings(),
  ]);
  const storage = await storageOf(client, namespace, live, names);
  return {
    writer: { client, namespace, uid, live, thorough },
    input: {
      namespace,
      names,
      labels: labelsOf(cluster),
      spec: { ...spec, storage: storage ?? spec.storage },
      images: componentImages,
      podSettings: controlPlane,
      hashes: {},
    },
    life: { now, lifetimeMs: spec.lifetimeMs },
  };
}

async function expose({ writer, input }: Scene, nodes: HostNodes): Promise<Exposure> {
  const services = [apiServerService(input), etcdService(input)];
  const previous = writer.live.find(secrets, input.names.kubeconfig)?.metadata.annotations?.[
    ANNOTATION.entry
  ];
  const [[service = {}], addresses] = await Promise.all([
    writeAll(writer, services) as Promise<ServiceState[]>,
    nodes.addresses(previous),
  ]);
  return {
    services,
    service,
    endpoints: endpointsOf(service, addresses.chosen),
    hostAddresses: addresses.all,
  };
}

/** Refuses a pod range that holds a host address. Once nodes have joined it is too late to refuse. */
function refuseOverlap(cluster: VirtualCluster, { podRange }: ControlPlaneSpec, exposure: Exposure): void {
  const overlap = overlapProblem(podRange, exposure.hostAddresses);
  if (overlap && !cluster.status?.nodes?.length) throw new TerminalError(overlap.reason, overlap.message);
}

function issueCredentials(
  { writer, input, life }: Scene,
  { service, endpoints, hostAddresses }: Exposure,
  pki: Pki,
): Promise<CredentialTexts> {
  const { namespace, names, spec } = input;
  const wanted = wantedCertificates({
    namespace,
    names,
    clusterIP: service.spec?.clusterIP ?? '127.0.0.1',
    kubernetesIP: KUBERNETES_ADDRESS,
    external: [...new Set([...spec.external, ...(endpoints ? [endpoints.apiServer.host] : [])])],
    candidates: hostAddresses,
  });
  return ensureCredentials(credentialsIn(writer.live, names), wanted, pki, life);
}

/** The credentials that the programs' Secrets hold now. */
export const credentialsIn = (live: Live, names: Names): CredentialTexts =>
  Object.fromEntries(MOUNTED.map((key) => [key, textsIn(live.find(secrets, names[key]))]));

async function writeCredentials(
  writer: Writer,
  input: RenderInput,
  credentials: CredentialTexts,
  { endpoints }: Exposure,
): Promise<Desired[]> {
  const desired = credentialSecrets(input, credentials);
  if (endpoints) desired.push(kubeconfigSecret(input, credentials, endpoints));
  await writeAll(writer, desired);
  return desired;
}

/** @returns all workloads, also those that are not created yet */
async function writeWorkloads(writer: Writer, input: RenderInput): Promise<Desired[]> {
  const desired = workloads(input);
  await writeAll(writer, (await etcdHasAddress(writer, input.names)) ? desired : etcd(input));
  return desired;
}
