import type { ObjectMeta } from '#api/kinds/objects.ts';

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** Any object. `namespace` is absent at run time on cluster-scoped ones. */
export type KubeObject = {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta & { ownerReferences?: OwnerReference[] };
};

/** Where a kind lives in the API, and its type. */
export type Resource<T extends KubeObject> = {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Never set: carries the type. */
  readonly object?: T;
};

/** @example const jobs = resource<Job>('batch/v1', 'Job', 'jobs'); */
export function resource<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  { namespaced = true } = {},
): Resource<T> {
  return { apiVersion, kind, plural, namespaced };
}

export type ObjectName = { namespace?: string | undefined; name: string };

/** `namespace/name`, or the name of a cluster-scoped object: the key of caches and queues. */
export const keyOf = ({ metadata }: KubeObject): string => objectKey(metadata);
export const objectKey = ({ namespace, name }: ObjectName): string =>
  namespace ? `${namespace}/${name}` : name;

/** The reverse of objectKey. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The URL path of a collection, or of one object when `name` is given. */
export function pathOf(
  of: Resource<KubeObject>,
  {
    namespace,
    name,
    subresource,
  }: { namespace?: string | undefined; name?: string; subresource?: string | undefined },
): string {
  const group = of.apiVersion.includes('/') ? `/apis/${of.apiVersion}` : `/api/${of.apiVersion}`;
  const scope = of.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${group}${scope}/${of.plural}${object}${subresource ? `/${subresource}` : ''}`;
}
