import { setTimeout as delay } from 'node:timers/promises';
import { createDiscovery, type Discovery, objectPath } from '../../target/discovery.ts';
import type { DeployContext } from '../context.ts';
import type { ObjectName } from './errors.ts';
import { isOfRelease } from './object-owner.ts';

/** Kinds that hold nothing but what the chart says: made again, they are the same. */
const REPLACEABLE = [
  ...['Job', 'Pod', 'ReplicaSet', 'Deployment', 'DaemonSet', 'Service', 'ConfigMap'],
  ...['RoleBinding', 'ClusterRoleBinding'],
];

/**
 * Deletes what an installation that never worked has left behind and what can't be changed to what the chart says now: with
 * Helm one would uninstall the release first. Only objects of the release itself, and only of kinds that hold no data.
 * @returns whether all of them are gone
 */
export async function removeLeftovers(
  context: DeployContext,
  release: string,
  objects: readonly ObjectName[],
): Promise<boolean> {
  if (objects.length === 0 || !objects.every(({ kind }) => REPLACEABLE.includes(kind))) return false;
  const discovery = createDiscovery(context.client);
  for (const object of objects) if (!(await remove(context, discovery, release, object))) return false;
  return true;
}

type Found = { metadata?: { uid?: string; annotations?: Record<string, string> } };

async function remove(
  context: DeployContext,
  discovery: Discovery,
  release: string,
  object: ObjectName,
): Promise<boolean> {
  const { client, log, order } = context;
  const { apiVersion, kind, namespace, name } = object;
  const found = await discovery.find(apiVersion, kind);
  if (found === undefined) return false;
  const path = objectPath({ apiVersion, ...found }, object);
  const { code, body } = await client.request('GET', path);
  if (code === 404) return true;
  const { uid, annotations = {} } = (body as Found).metadata ?? {};
  const isOurs = isOfRelease(annotations, { name: release, namespace: order.targetNamespace });
  if (code !== 200 || !isOurs) return false;
  log.note(`${kind} ${namespace}/${name} is left of an installation that never worked, and is replaced`);
  const options = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions: { uid },
  };
  const deleted = await client.request('DELETE', path, { body: JSON.stringify(options) });
  if (deleted.code >= 300 && deleted.code !== 404) return false;
  while (!context.abort.aborted && context.remaining() > 0) {
    if ((await client.request('GET', path)).code === 404) return true;
    await delay(200);
  }
  return false;
}
