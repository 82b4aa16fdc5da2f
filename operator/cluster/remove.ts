import type { DeleteOptions, KubeClient } from '#kube/client.ts';
import { unlessStale } from '#kube/errors.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { claims, pods } from '../objects.ts';
import { readClaims, readLive, readPods, WORKLOADS } from './live.ts';

/** The data is going away: nobody needs to end in order. */
const GRACE_SECONDS = 1;
/** A pod that is still there so long after its end was asked for is on a node that is gone. */
const STUCK_MS = 90_000;

/** Deletes what is left of a control plane. True once that is nothing; call again until then. */
export async function removeControlPlane(
  client: KubeClient,
  { namespace, selector, now }: { namespace: string; selector: string; now: number },
): Promise<boolean> {
  const [live, livePods, liveClaims] = await Promise.all([
    readLive(client, namespace, selector),
    readPods(client, namespace, selector),
    readClaims(client, namespace, selector),
  ]);
  const all = live.all();
  if (all.length + livePods.length + liveClaims.length === 0) return true;
  // In the order of the kinds: what would make others anew goes first, and stays until what it made is gone.
  for (const { of, object } of all) {
    await drop(client, of, object, { propagation: WORKLOADS.includes(of) ? 'Foreground' : 'Background' });
  }
  for (const claim of liveClaims) await drop(client, claims, claim);
  const isLed = all.some(({ of }) => WORKLOADS.includes(of));
  for (const pod of livePods) {
    const { deletionTimestamp } = pod.metadata;
    // One that its workload has not given up yet would be replaced.
    if (isLed && !deletionTimestamp) continue;
    const isStuck = Date.parse(deletionTimestamp ?? '') + STUCK_MS < now;
    await drop(client, pods, pod, { gracePeriodSeconds: isStuck ? 0 : GRACE_SECONDS });
  }
  return false;
}

async function drop(
  client: KubeClient,
  of: Resource<KubeObject>,
  { metadata }: KubeObject,
  options: DeleteOptions = {},
): Promise<void> {
  if (metadata.deletionTimestamp && options.gracePeriodSeconds === undefined) return;
  const { namespace, name, uid } = metadata;
  await unlessStale(client.delete(of, { namespace, name }, { ...options, preconditions: { uid } }));
}
