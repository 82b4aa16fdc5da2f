import { ANNOTATION, sha256 } from '#api/contract/names.ts';
import { TerminalError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { pods, type Secret, secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';
import { credentialSecrets, hashesOf, kubeconfigSecret, MOUNTED, workloads } from './assemble.ts';
import { keepPki, type Pki } from './cas.ts';
import { leavesOf } from './certificates.ts';
import { type CredentialTexts, keepCredentials, nextDue } from './credentials.ts';
import { type Entry, entryOf, type ServiceState } from './endpoint.ts';
import type { HostNodes } from './host-nodes.ts';
import { type Live, type LiveObject, readLive } from './live.ts';
import { apiServerService } from './manifests/api-server.ts';
import { etcd, etcdService } from './manifests/etcd.ts';
import {
  type Blueprint,
  deployments,
  type Images,
  type Made,
  metadata,
  statefulSets,
} from './manifests/manifest.ts';
import { labelsOf, type Names, namesOf, selectorOf } from './names.ts';
import { type Design, KUBERNETES_ADDRESS, overlapProblem } from './spec.ts';
import { prune, type Writer, writeAll } from './write.ts';

export type BringUpDependencies = {
  client: KubeClient;
  images: () => Promise<Images>;
  nodes: HostNodes;
};

/** A control plane as it stands in the host after all was written. */
export type HostState = {
  names: Names;
  service: ServiceState;
  entry: Entry | undefined;
  credentials: CredentialTexts;
  live: Live;
  /** When the next certificate is to be renewed, in milliseconds. */
  renewAt: number;
};

/**
 * Makes everything of a control plane in the host: what needs another retries until that is there. Only what needs
 * the datastore is made once there is a way to it: an API server that dials its Service in the moment in which the
 * way is laid waits 20 s in vain.
 */
export async function bringUp(
  { client, images, nodes }: BringUpDependencies,
  cluster: VirtualCluster,
  design: Design,
  { now, thorough }: { now: number; thorough: boolean },
): Promise<HostState> {
  const { namespace, uid } = cluster.metadata;
  const names = namesOf(cluster.metadata.name);
  const [live, found] = await Promise.all([readLive(client, namespace, selectorOf(cluster)), images()]);
  const plain: Blueprint = {
    namespace,
    names,
    labels: labelsOf(cluster),
    design: { ...design, storage: storageIn(live, names) ?? design.storage },
    images: found,
    hashes: {},
  };
  const writer: Writer = { client, namespace, uid, live, thorough };
  const life = { now, lifetimeMs: design.lifetimeMs };
  const outside = [apiServerService(plain), etcdService(plain)];
  const [[service = {}], addresses, kept] = await Promise.all([
    writeAll(writer, outside) as Promise<ServiceState[]>,
    nodes.addresses(live.find(secrets, names.kubeconfig)?.metadata.annotations?.[ANNOTATION.entry]),
    keepPki(textsIn(live.find(secrets, names.pki)), life),
  ]);
  const overlap = overlapProblem(design.podRange, addresses.all);
  // Where nodes have joined already it is too late to say so.
  if (overlap && !cluster.status?.nodes?.length) throw new TerminalError(overlap.reason, overlap.message);
  const stored = await storePki(writer, plain, kept);
  const entry = entryOf(service, addresses.chosen);
  const wanted = leavesOf({
    namespace,
    names,
    clusterIP: service.spec?.clusterIP ?? '127.0.0.1',
    kubernetesIP: KUBERNETES_ADDRESS,
    external: [...new Set([...design.external, ...(entry ? [entry.apiServer.host] : [])])],
    candidates: addresses.all,
  });
  const credentials = await keepCredentials(credentialsIn(live, names), wanted, kept.pki, life);
  const blueprint: Blueprint = { ...plain, hashes: hashesOf(credentials) };
  const texts = credentialSecrets(blueprint, credentials);
  if (entry) texts.push(kubeconfigSecret(blueprint, credentials, entry));
  await writeAll(writer, texts);
  const running = workloads(blueprint);
  await writeAll(writer, (await hasWayToEtcd(writer, names)) ? running : etcd(blueprint));
  // Without an entry the kubeconfig is not known, which is no reason to delete it.
  if (entry) await prune(writer, [...outside, stored, ...texts, ...running]);
  await wakeEtcd(writer, names, credentials);
  return { names, service, entry, credentials, live, renewAt: nextDue(kept.pki, credentials) };
}

/** A claim's template can't be changed: what it was made with stays. */
function storageIn(live: Live, names: Names): Design['storage'] | undefined {
  type Claims = {
    spec: {
      volumeClaimTemplates: {
        spec: { storageClassName?: string; resources: { requests: { storage: string } } };
      }[];
    };
  };
  const claim = live.find<Claims>(statefulSets, names.etcd)?.spec.volumeClaimTemplates[0];
  if (!claim) return undefined;
  const { storageClassName, resources } = claim.spec;
  return { size: resources.requests.storage, ...(storageClassName && { className: storageClassName }) };
}

/** What the Secrets of the programs have now. */
export const credentialsIn = (live: Live, names: Names): CredentialTexts =>
  Object.fromEntries(MOUNTED.map((key) => [key, textsIn(live.find(secrets, names[key]))]));

/**
 * The CAs are written down before anything is signed with them, and only over what they were decided on.
 * @throws ApiError, a conflict among them: somebody else was first.
 */
async function storePki(
  writer: Writer,
  blueprint: Blueprint,
  { texts }: { pki: Pki; texts: Record<string, string> },
): Promise<Made> {
  const name = blueprint.names.pki;
  const made: Made = {
    of: secrets,
    manifest: { metadata: metadata(blueprint, name), type: 'Opaque', data: dataOf(texts) },
  };
  const found = writer.live.find<Secret & LiveObject>(secrets, name);
  if (!found) {
    const { namespace, client } = writer;
    await client.create(secrets, {
      ...made.manifest,
      metadata: { ...made.manifest.metadata, namespace },
    });
  } else if (JSON.stringify(sorted(found.data)) !== JSON.stringify(sorted(dataOf(texts)))) {
    await writer.client.replace(secrets, { ...found, data: dataOf(texts) });
  }
  return made;
}

const sorted = (data: Record<string, string> = {}) =>
  Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));

const etcdPod = ({ namespace }: Writer, names: Names) => ({ namespace, name: `${names.etcd}-0` });

/** Asked only until there are API servers: those that run get over a datastore that is away. */
async function hasWayToEtcd(writer: Writer, names: Names): Promise<boolean> {
  if (writer.live.find(deployments, names.apiServer)) return true;
  const pod = await ignoreNotFound(writer.client.get(pods, etcdPod(writer, names)));
  return pod?.status?.podIP !== undefined;
}

/** etcd reads its certificate anew at every connection; a change of the pod has its kubelet look for new files now. */
async function wakeEtcd(writer: Writer, names: Names, credentials: CredentialTexts): Promise<void> {
  const before = writer.live.find(secrets, names.etcdTls);
  const [old, now] = [textsIn(before)['server.crt'], credentials.etcdTls?.['server.crt']];
  if (!before || old === now) return;
  const annotations = { 'kosmos.io/renewed': sha256(now ?? '').slice(0, 16) };
  await ignoreNotFound(writer.client.patch(pods, etcdPod(writer, names), { metadata: { annotations } }));
}
