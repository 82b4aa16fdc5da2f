import { FIELD_MANAGER } from '#api/contract/names.ts';
import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { Connection, Limits } from './connection.ts';
import { ApiError, type Status } from './errors.ts';
import { lines } from './lines.ts';
import { type List, listPages } from './list-pages.ts';
import { type KubeObject, type ObjectName, pathOf, type Resource } from './resource.ts';
import { type Request, Transport } from './transport.ts';

export type ListOptions = {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
};
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T }
  | { type: 'ERROR'; object: Status };

export type DeleteOptions = {
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined };
};

/** A patch's form: JSON merge patch, JSON patch, or server-side apply (as field manager `pinion`, forced). */
export type PatchForm = 'merge' | 'json' | 'apply';
const PATCH_TYPES: Record<PatchForm, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

const metadataOnlyAs = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;

/** An object to create: every field that the server does not fill in. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & {
  metadata: Partial<ObjectMeta> & Pick<KubeObject['metadata'], 'ownerReferences'>;
};

/** Typed access to any kind. All methods throw ApiError. */
export class KubeClient {
  readonly #transport: Transport;
  readonly #limits: Limits | undefined;

  constructor(connection: Connection) {
    this.#transport = new Transport(connection);
    this.#limits = connection.limits;
  }

  close(): void {
    this.#transport.close();
  }

  /** `metadataOnly` leaves spec, status and data at the server. */
  async get<T extends KubeObject>(
    of: Resource<T>,
    name: ObjectName,
    { metadataOnly = false }: { metadataOnly?: boolean } = {},
  ): Promise<T> {
    const accept = metadataOnly ? metadataOnlyAs('PartialObjectMetadata') : undefined;
    return this.#json({ method: 'GET', path: pathOf(of, name), accept });
  }

  /**
   * All objects that match, read in pages. `metadataOnly` leaves spec, status and data at the server; `transform`
   * is called on each object before the next page is read.
   */
  async list<T extends KubeObject>(
    of: Resource<T>,
    {
      namespace,
      metadataOnly = false,
      transform = (object) => object,
      ...selectors
    }: ListOptions & { metadataOnly?: boolean; transform?: ((object: T) => T) | undefined } = {},
    signal?: AbortSignal,
  ): Promise<List<T>> {
    const request = {
      path: pathOf(of, { namespace }),
      query: selectors,
      accept: metadataOnly ? metadataOnlyAs('PartialObjectMetadataList') : undefined,
      signal,
    };
    const read = (page: Request) => this.#json<List<T>>(page);
    return listPages({ read, what: of.plural, limits: this.#limits, transform }, request);
  }

  async create<T extends KubeObject>(of: Resource<T>, object: Draft<T>): Promise<T> {
    const { apiVersion, kind } = of;
    return this.#json({
      method: 'POST',
      path: pathOf(of, { namespace: object.metadata.namespace }),
      query: { fieldManager: FIELD_MANAGER },
      body: { ...object, apiVersion, kind },
    });
  }

  /** Posts to a part of an object, like a pod's `eviction`. */
  async post<T extends KubeObject>(
    of: Resource<T>,
    name: ObjectName,
    subresource: string,
    body: object,
  ): Promise<void> {
    await this.#transport.text({ method: 'POST', path: pathOf(of, { ...name, subresource }), body });
  }

  /** Replaces the object; fails with a conflict when its resourceVersion is not the newest. */
  async replace<T extends KubeObject>(of: Resource<T>, object: T): Promise<T> {
    const { apiVersion, kind } = of;
    return this.#json({
      method: 'PUT',
      path: pathOf(of, object.metadata),
      query: { fieldManager: FIELD_MANAGER },
      body: { ...object, apiVersion, kind },
    });
  }

  async patch<T extends KubeObject>(
    of: Resource<T>,
    name: ObjectName,
    patch: object,
    { form = 'merge', subresource }: { form?: PatchForm; subresource?: 'status' } = {},
  ): Promise<T> {
    return this.#json({
      method: 'PATCH',
      path: pathOf(of, { ...name, subresource }),
      query: { fieldManager: FIELD_MANAGER, force: form === 'apply' ? true : undefined },
      body: form === 'apply' ? { ...patch, apiVersion: of.apiVersion, kind: of.kind } : patch,
      contentType: PATCH_TYPES[form],
    });
  }

  async delete<T extends KubeObject>(
    of: Resource<T>,
    name: ObjectName,
    { propagation = 'Background', gracePeriodSeconds, preconditions }: DeleteOptions = {},
  ): Promise<void> {
    await this.#transport.text({
      method: 'DELETE',
      path: pathOf(of, name),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        gracePeriodSeconds,
        preconditions,
      },
    });
  }

  /** Changes since `resourceVersion`, until the server ends the watch or sends nothing for `idleTimeoutMs`. */
  async *watch<T extends KubeObject>(
    of: Resource<T>,
    { namespace, ...selectors }: ListOptions,
    options: { resourceVersion: string; timeoutSeconds: number; idleTimeoutMs: number; signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>> {
    const request: Request = {
      method: 'GET',
      path: pathOf(of, { namespace }),
      query: {
        ...selectors,
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        timeoutSeconds: options.timeoutSeconds,
      },
      signal: options.signal,
      idleTimeoutMs: options.idleTimeoutMs,
    };
    const response = await this.#transport.stream(request);
    try {
      for await (const line of lines(response)) yield JSON.parse(line);
    } catch (cause) {
      throw new ApiError(0, { message: (cause as Error).message }, `watch ${request.path}`, { cause });
    } finally {
      response.destroy();
    }
  }

  /** The response of a path as text, like `/readyz` or a pod's log. */
  async text(
    path: string,
    query?: Request['query'],
    limits: Pick<Request, 'idleTimeoutMs' | 'signal'> = {},
  ): Promise<string> {
    return this.#transport.text({ method: 'GET', path, query, accept: '*/*', ...limits });
  }

  async #json<T>(request: Request): Promise<T> {
    return JSON.parse(await this.#transport.text(request)) as T;
  }
}
