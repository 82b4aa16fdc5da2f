import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { STORAGE_PRESSURE } from '#api/kinds/virtualcluster.ts';
import { isProblem, type Problem } from '#api/problem.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { isTrue } from '#kube/conditions.ts';
import type { Log } from '#kube/log.ts';
import { secrets } from '#kube/resources.ts';
import { type Tenant, urlOf } from '#operator/access/tenant.ts';
import { answers, TenantClients } from '#operator/access/tenant-clients.ts';
import type { EventReader } from '#operator/host/event-reader.ts';
import type { ReadPodSettings } from '#operator/host/pod-settings-reader.ts';
import { type Memory, NO_ADDRESS, PRESSED_MS, RESYNC_MS, ready, STORAGE_MS, waiting } from './answer.ts';
import { bringUp, credentialsIn, type HostState } from './bring-up.ts';
import { endpointsOf, type ServiceState, type TenantEndpoints } from './endpoint.ts';
import { claimName } from './etcd-pod.ts';
import { HostNodes } from './host-nodes.ts';
import { targetOf } from './kubeconfigs.ts';
import { type Live, readLive, readPods, workloadsOf } from './live.ts';
import { type Images, services } from './manifests/manifest.ts';
import { namesOf, selectorOf } from './names.ts';
import { removeControlPlane } from './remove.ts';
import { whyWaiting } from './rollout.ts';
import { CLUSTER_DOMAIN, type ControlPlaneFlags, type ControlPlaneSpec, controlPlaneSpecOf } from './spec.ts';
import type { ControlPlaneState, ControlPlanes } from './state.ts';
import { pressureOf, type StoragePressure, storageUse } from './storage.ts';
import { creationFailures, replaceUnscheduled, retryCreation } from './stuck-pods.ts';
import { setUpTenant } from './tenant-objects.ts';

export type ControlPlaneDependencies = {
  client: KubeClient;
  clock: Clock;
  log: Log;
  flags: ControlPlaneFlags;
  images: () => Promise<Images>;
  podSettings: ReadPodSettings;
  /** Events of the host. */
  events: EventReader;
  /** All VirtualClusters: their status says which host nodes they have promoted. */
  clusters: () => readonly VirtualCluster[];
};

/** A control plane's way in and its credentials, as far as they exist. */
type Access = Pick<HostState, 'service' | 'credentials'> & { endpoints: TenantEndpoints };

/** Control planes that Pinion makes, in the VirtualClusters' own namespaces of the host. */
export class ManagedControlPlanes implements ControlPlanes {
  readonly #deps: ControlPlaneDependencies & { nodes: HostNodes };
  readonly #clients: TenantClients;
  /** By the uid of the VirtualCluster. */
  readonly #memories = new Map<string, Memory>();

  constructor(deps: ControlPlaneDependencies) {
    this.#deps = { ...deps, nodes: new HostNodes(deps) };
    this.#clients = new TenantClients(deps.clock);
  }

  async ensure(cluster: VirtualCluster): Promise<ControlPlaneState> {
    const { clock, flags } = this.#deps;
    const spec = controlPlaneSpecOf(cluster, flags);
    if (isProblem(spec)) return { kind: 'waiting', problem: spec, terminal: true };
    const now = clock.now();
    const memory = this.#memoryOf(cluster);
    const thorough = memory.appliedAt < now - RESYNC_MS;
    const state = await bringUp(this.#deps, cluster, spec, { now, thorough });
    if (thorough) memory.appliedAt = now;
    const { endpoints, live } = state;
    if (!endpoints) return waiting(cluster, memory, NO_ADDRESS, now);
    const tenant = this.#tenantOf(cluster, spec, { ...state, endpoints });
    if (!(await answers(tenant.client))) {
      return waiting(cluster, memory, await this.#whyWaiting(cluster, live), now);
    }
    delete memory.waiting;
    await this.#setUpTenant(cluster, tenant, memory, now);
    const pressure = await this.#pressure(cluster, tenant, state, memory);
    return { ...ready(tenant, state, now), ...(pressure && { pressure }) };
  }

  async find(cluster: VirtualCluster): Promise<Tenant | undefined> {
    const { client, flags } = this.#deps;
    const current = controlPlaneSpecOf(cluster, flags);
    // The spec may have become invalid since; the nodes are returned all the same.
    const spec = isProblem(current) ? controlPlaneSpecOf({ ...cluster, spec: {} }, flags) : current;
    if (isProblem(spec)) return undefined;
    const names = namesOf(cluster.metadata.name);
    const live = await readLive(client, cluster.metadata.namespace, selectorOf(cluster));
    const service = live.find<ServiceState>(services, names.apiServer);
    const host = live.find(secrets, names.kubeconfig)?.metadata.annotations?.[ANNOTATION.entry];
    const endpoints = service && endpointsOf(service, host);
    const credentials = credentialsIn(live, names);
    if (!service || !endpoints || !credentials.operatorTls?.['client.key']) return undefined;
    const tenant = this.#tenantOf(cluster, spec, { service, endpoints, credentials });
    return (await answers(tenant.client)) ? tenant : undefined;
  }

  async remove(cluster: VirtualCluster): Promise<boolean> {
    const { client, clock } = this.#deps;
    const { namespace, uid } = cluster.metadata;
    this.#clients.drop(uid);
    this.#memories.delete(uid);
    return removeControlPlane(client, { namespace, selector: selectorOf(cluster), now: clock.now() });
  }

  /** Looks at the datastore, and remembers for a while what it has found. */
  async #pressure(
    { status }: VirtualCluster,
    { client }: Tenant,
    { names, quotaBytes }: HostState,
    memory: Memory,
  ): Promise<StoragePressure | undefined> {
    const now = this.#deps.clock.now();
    if (memory.storage && memory.storage.until > now) return memory.storage.pressure;
    const wasPressed = isTrue({ status }, STORAGE_PRESSURE);
    const use = await storageUse(client, { quotaBytes, wasPressed, now });
    const pressure = use && pressureOf(use, claimName(names));
    memory.storage = { pressure, until: now + (pressure ? PRESSED_MS : STORAGE_MS) };
    return pressure;
  }

  async #whyWaiting(cluster: VirtualCluster, live: Live): Promise<Problem> {
    const { client, clock, events } = this.#deps;
    const { namespace } = cluster.metadata;
    const [pods, failures] = await Promise.all([
      readPods(client, namespace, selectorOf(cluster)),
      creationFailures(events, namespace, live),
    ]);
    await replaceUnscheduled(client, live, pods);
    await retryCreation(client, live, failures, clock.now());
    return whyWaiting(workloadsOf(live), pods, failures);
  }

  #memoryOf({ metadata: { uid } }: VirtualCluster): Memory {
    const memory = this.#memories.get(uid) ?? { appliedAt: 0 };
    this.#memories.set(uid, memory);
    return memory;
  }

  #tenantOf(
    cluster: VirtualCluster,
    spec: ControlPlaneSpec,
    { service, endpoints, credentials }: Access,
  ): Tenant {
    const texts = credentials.operatorTls ?? {};
    const host = service.spec?.clusterIP ?? '';
    const target = targetOf(texts, 'client', urlOf({ host, port: 443 }));
    const { podRange, serviceRange, dnsAddress } = spec;
    return {
      target,
      client: this.#clients.of(cluster.metadata.uid, target),
      ...endpoints,
      caBundle: texts['ca.crt'] ?? '',
      network: { podRange, serviceRange, dnsAddress, clusterDomain: CLUSTER_DOMAIN },
    };
  }

  /** Applies what nodes need in the tenant: again when the endpoint has moved, and every ten minutes. */
  async #setUpTenant(cluster: VirtualCluster, tenant: Tenant, memory: Memory, now: number): Promise<void> {
    const { log } = this.#deps;
    const { uid } = cluster.metadata;
    const endpoint = urlOf(tenant.apiServer);
    if (memory.setUp?.endpoint === endpoint && memory.setUp.until > now) return;
    try {
      await setUpTenant(tenant.client, tenant.apiServer);
    } catch (error) {
      // A webhook of the tenant's owner may refuse it. Nodes that have joined don't wait for it.
      if (!cluster.status?.nodes?.length) throw error;
      log.warn(
        { uid, error: (error as Error).message },
        'control plane: failed to update the tenant’s set-up',
      );
      return;
    }
    if (!memory.setUp) log.info({ uid, endpoint }, 'control plane: ready and set up');
    memory.setUp = { endpoint, until: now + RESYNC_MS };
  }
}
