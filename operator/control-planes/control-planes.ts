import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import type { Log } from '#kube/log.ts';
import { secrets } from '#kube/resources.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { answers, TenantClients } from '#operator/access/tenant-clients.ts';
import { lookAgainMs } from '#operator/host/poll-interval.ts';
import { KUBECONFIG_KEY } from './assemble.ts';
import { bringUp, credentialsIn, type HostState } from './bring-up.ts';
import { entryOf, type ServiceState, urlOf } from './endpoint.ts';
import { HostNodes } from './host-nodes.ts';
import { targetOf } from './kubeconfigs.ts';
import { readLive, readPods, workloadsOf } from './live.ts';
import { type Images, services } from './manifests/manifest.ts';
import { namesOf, selectorOf } from './names.ts';
import { removeControlPlane } from './remove.ts';
import { rolloutOf, whyWaiting } from './rollout.ts';
import { CLUSTER_DOMAIN, type ControlPlaneFlags, type Design, designOf, isProblem } from './spec.ts';
import type { ControlPlaneState, ControlPlanes } from './state.ts';
import { setUpTenant } from './tenant-objects.ts';

export type ControlPlaneDependencies = {
  client: KubeClient;
  clock: Clock;
  log: Log;
  flags: ControlPlaneFlags;
  images: () => Promise<Images>;
  /** All VirtualClusters: which nodes they have taken. */
  clusters: () => readonly VirtualCluster[];
};

const WAIT_MS = 500;
const ROLLOUT_MS = 1_000;
/** However far the next renewal is, and whatever nobody told us of. */
const LOOK_AGAIN_MS = 10 * 60_000;

/** Makes control planes in the VirtualClusters' own namespaces. */
export function createControlPlanes(deps: ControlPlaneDependencies): ControlPlanes {
  const { client, clock, log, flags } = deps;
  const nodes = new HostNodes(deps);
  const tenants = new TenantClients(clock);
  /** When all was last written regardless, by uid; and what was set up in the tenant. */
  const written = new Map<string, number>();
  const setUp = new Map<string, { entry: string; until: number }>();
  /** Since when it is waited for, as long as its spec is the same. */
  const waits = new Map<string, { generation: number | undefined; since: number }>();

  const waiting = (
    { metadata: { uid, generation } }: VirtualCluster,
    problem: { reason: string; message: string },
  ): ControlPlaneState => {
    const now = clock.now();
    const before = waits.get(uid);
    const since = before && before.generation === generation ? before.since : now;
    waits.set(uid, { generation, since });
    return { kind: 'waiting', problem, terminal: false, requeueAfterMs: lookAgainMs(now - since, WAIT_MS) };
  };

  const tenantOf = (
    cluster: VirtualCluster,
    design: Design,
    {
      service,
      entry,
      credentials,
    }: Pick<HostState, 'service' | 'credentials'> & { entry: NonNullable<HostState['entry']> },
  ): Tenant => {
    const texts = credentials.operatorTls ?? {};
    const host = service.spec?.clusterIP ?? '';
    const target = targetOf(texts, 'client', urlOf({ host, port: 443 }));
    const { podRange, serviceRange, dnsAddress } = design;
    return {
      target,
      client: tenants.of(cluster.metadata.uid, target),
      ...entry,
      authority: texts['ca.crt'] ?? '',
      network: { podRange, serviceRange, dnsAddress, clusterDomain: CLUSTER_DOMAIN },
    };
  };

  async function ensure(cluster: VirtualCluster): Promise<ControlPlaneState> {
    const design = designOf(cluster, flags);
    if (isProblem(design)) return { kind: 'waiting', problem: design, terminal: true };
    const { namespace, uid } = cluster.metadata;
    const now = clock.now();
    const thorough = (written.get(uid) ?? 0) < now - LOOK_AGAIN_MS;
    const state = await bringUp({ ...deps, nodes }, cluster, design, { now, thorough });
    if (thorough) written.set(uid, now);
    const { entry, live, names } = state;
    if (!entry) return waiting(cluster, NO_ENTRY);
    const tenant = tenantOf(cluster, design, { ...state, entry });
    if (!(await answers(tenant.client))) {
      const pods = await readPods(client, namespace, selectorOf(cluster));
      return waiting(cluster, whyWaiting(workloadsOf(live), pods));
    }
    waits.delete(uid);
    await prepareTenant(cluster, tenant, now);
    const updating = rolloutOf(workloadsOf(live));
    const { port } = entry.apiServer;
    return {
      kind: 'ready',
      tenant,
      status: {
        port,
        portMap: { apiserver: port, konnectivity: entry.konnectivity.port },
        kubeconfigSecretRef: { name: names.kubeconfig, key: KUBECONFIG_KEY },
      },
      ...(updating && { updating }),
      requeueAfterMs: updating ? ROLLOUT_MS : Math.min(LOOK_AGAIN_MS, Math.max(WAIT_MS, state.renewAt - now)),
    };
  }

  async function prepareTenant(cluster: VirtualCluster, tenant: Tenant, now: number): Promise<void> {
    const { uid } = cluster.metadata;
    const entry = urlOf(tenant.apiServer);
    const done = setUp.get(uid);
    if (done && done.entry === entry && done.until > now) return;
    try {
      await setUpTenant(tenant.client, tenant.apiServer);
    } catch (error) {
      // A tenant's own webhook may refuse it: that holds up no change of nodes that have joined already.
      if (!cluster.status?.nodes?.length) throw error;
      log.warn(
        { uid, error: (error as Error).message },
        'control plane: what it needs could not be written again',
      );
      return;
    }
    if (!done) log.info({ uid, entry }, 'control plane: answers and is set up');
    setUp.set(uid, { entry, until: now + LOOK_AGAIN_MS });
  }

  async function find(cluster: VirtualCluster): Promise<Tenant | undefined> {
    const asked = designOf(cluster, flags);
    // Its spec may have become impossible since: its nodes are to be given back all the same.
    const design = isProblem(asked) ? designOf({ ...cluster, spec: {} }, flags) : asked;
    if (isProblem(design)) return undefined;
    const names = namesOf(cluster.metadata.name);
    const live = await readLive(client, cluster.metadata.namespace, selectorOf(cluster));
    const service = live.find<ServiceState>(services, names.apiServer);
    const before = live.find(secrets, names.kubeconfig)?.metadata.annotations?.[ANNOTATION.entry];
    const entry = service && entryOf(service, before);
    const credentials = credentialsIn(live, names);
    if (!service || !entry || !credentials.operatorTls?.['client.key']) return undefined;
    const tenant = tenantOf(cluster, design, { service, entry, credentials });
    return (await answers(tenant.client)) ? tenant : undefined;
  }

  async function remove(cluster: VirtualCluster): Promise<boolean> {
    const { namespace, uid } = cluster.metadata;
    tenants.drop(uid);
    written.delete(uid);
    setUp.delete(uid);
    waits.delete(uid);
    return removeControlPlane(client, { namespace, selector: selectorOf(cluster), now: clock.now() });
  }

  return { ensure, find, remove };
}

const NO_ENTRY = {
  reason: 'NoEntryAddress',
  message:
    'the API server has no address yet: its Service waits for one, or no host node is Ready that is not promoted',
};
