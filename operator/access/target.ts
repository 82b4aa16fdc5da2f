import { canonicalJson, sha256 } from '#api/contract/names.ts';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { decodeKubeconfig, parseKubeconfig, type Target } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { targetConnection } from '#kube/connection.ts';
import { ApiError, isForbidden, isNotFound } from '#kube/errors.ts';
import { type KubeObject, resource } from '#kube/resource.ts';
import { TtlCache } from '#kube/ttl-cache.ts';
import type { ReferenceReader } from '#operator/host/references.ts';

/** `uid` of the namespace kube-system: a restored or swapped cluster behind the same address has another one. */
export type TargetIdentity = { uid: string };

/** Access to the cluster that a VirtualCluster equips. */
export type Targets = {
  /**
   * The address and credentials of the target.
   * @throws TerminalError InvalidKubeconfig; ReasonedError SecretNotFound.
   */
  read(cluster: VirtualCluster): Promise<Target>;
  /**
   * Resolves when the target answers, with what identifies it.
   * @throws ReasonedError TargetUnreachable, TargetNotReady or TargetUnauthorized.
   */
  probe(target: Target): Promise<TargetIdentity>;
};

/** `total`: without it a target that sends a byte now and then would occupy a worker for ever. */
const PROBE_LIMITS_MS = { silence: 4_000, total: 8_000 };
/** A ready target answers "ok"; a longer answer would only cost the operator memory. */
const PROBE_BYTES = 64 * 1024;
/** How long a target that answered counts as ready without a new probe. */
const TRUST_MS = 30_000;
const namespaces = resource<KubeObject>('v1', 'Namespace', 'namespaces', { namespaced: false });
const DEFAULT_KEY = 'kubeconfig';

export function createTargets({
  references,
  clock,
  limitsMs = PROBE_LIMITS_MS,
}: {
  references: ReferenceReader;
  clock: Clock;
  limitsMs?: typeof PROBE_LIMITS_MS;
}): Targets {
  const probes = new TtlCache<TargetIdentity>({ clock, ttlMs: TRUST_MS });
  return {
    async read({ metadata, spec }) {
      if (spec.kubeconfig !== undefined) return decodeKubeconfig(spec.kubeconfig);
      const { name = '', key = DEFAULT_KEY } = spec.kubeconfigSecretRef ?? {};
      const where = { namespace: metadata.namespace, name };
      return parseKubeconfig(await references.secretKey(where, key, 'spec.kubeconfigSecretRef'));
    },
    async probe(target) {
      return probes.get(sha256(canonicalJson(target)), () => probeTarget(target, limitsMs));
    },
  };
}

/** Probes a target once. @throws ReasonedError TargetUnreachable, TargetNotReady or TargetUnauthorized. */
async function probeTarget(target: Target, limitsMs: typeof PROBE_LIMITS_MS): Promise<TargetIdentity> {
  const limits = { totalMs: limitsMs.total, bytes: PROBE_BYTES, items: 1 };
  const client = new KubeClient({ ...targetConnection(target), limits });
  try {
    await client.text('/readyz', undefined, { idleTimeoutMs: limitsMs.silence });
    return { uid: await clusterUid(client) };
  } catch (cause) {
    throw probeError(target.server, cause);
  } finally {
    client.close();
  }
}

/** Stands for the uid of a target whose namespace kube-system the credentials may not read. */
export const UNKNOWN_UID = 'unknown';

/** Credentials that may not read the namespace can still install: such a cluster is not told from its successor. */
async function clusterUid(client: KubeClient): Promise<string> {
  try {
    return (await client.get(namespaces, { name: 'kube-system' }, { metadataOnly: true })).metadata.uid;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return UNKNOWN_UID;
    throw error;
  }
}

function probeError(server: string, cause: unknown): ReasonedError {
  const code = cause instanceof ApiError ? cause.code : 0;
  if (code === 401) {
    return new ReasonedError(
      'TargetUnauthorized',
      `${server} rejects the credentials of the kubeconfig; provide a kubeconfig with valid credentials`,
      { cause },
    );
  }
  if (code > 0) {
    return new ReasonedError(
      'TargetNotReady',
      `${server} answers /readyz with HTTP ${code}; Pinion keeps retrying`,
      {
        cause,
      },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ReasonedError(
    'TargetUnreachable',
    `${server} does not answer (${why}); check the address in the kubeconfig and the network; Pinion keeps retrying`,
    { cause },
  );
}
