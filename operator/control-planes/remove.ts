import type { DeleteOptions, KubeClient } from '#kube/client.ts';
import { ignoreStale } from '#kube/errors.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { claims, pods } from '#kube/resources.ts';
import { readClaims, readLive, readPods, WORKLOADS } from './live.ts';
import { deployments } from './manifests/manifest.ts';

/** Of a pod that nothing leads any more. */
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
  // An API server whose datastore has gone before it takes all of its grace to end.
  const first = all.filter(({ of }) => of === deployments);
  const going = first.length > 0 ? first : all;
  // What would make pods anew stays until what it made is gone.
  for (const { of, object } of going) {
    await drop(client, of, object, { propagation: WORKLOADS.includes(of) ? 'Foreground' : 'Background' });
  }
  if (going === all) for (const claim of liveClaims) await drop(client, claims, claim);
  const isLed = all.some(({ of }) => WORKLOADS.includes(of));
  for (const pod of livePods) {
    const { deletionTimestamp } = pod.metadata;
    if (!deletionTimestamp && !isLed) await drop(client, pods, pod, { gracePeriodSeconds: GRACE_SECONDS });
    const isStuck = Date.parse(deletionTimestamp ?? '') + STUCK_MS < now;
    if (isStuck) await drop(client, pods, pod, { gracePeriodSeconds: 0 });
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
  await ignoreStale(client.delete(of, { namespace, name }, { ...options, preconditions: { uid } }));
}
