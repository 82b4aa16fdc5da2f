import type { Limits } from './connection.ts';
import { ApiError, isTooLarge } from './errors.ts';
import type { Request } from './transport.ts';

export type List<T> = { metadata: { resourceVersion: string; continue?: string }; items: T[] };

type Source<T> = {
  read: (request: Request) => Promise<List<T>>;
  /** Plural of the kind, for errors. */
  what: string;
  /** Of a server that others control. */
  limits: Limits | undefined;
  /** Called on each object before the next page is read. */
  transform: (object: T) => T;
};

const PAGE = 500;

/** All objects of a list, read in pages. @throws ApiError, with reason TooMany above the limit of objects. */
export async function listPages<T>(
  source: Source<T>,
  { query, ...request }: Omit<Request, 'method'>,
): Promise<List<T>> {
  const { what, limits, transform } = source;
  const mostItems = limits?.items ?? Number.POSITIVE_INFINITY;
  const items: T[] = [];
  let limit = PAGE;
  let next: string | undefined;
  let resourceVersion: string | undefined;
  do {
    const read = await readPage(
      source,
      { ...request, method: 'GET', query: { ...query, continue: next } },
      limit,
    );
    const { page } = read;
    limit = read.limit;
    // Not push(...): a page may be longer than the stack allows.
    for (const item of page.items ?? []) items.push(transform(item));
    if (items.length > mostItems) {
      const message = `there are more than ${mostItems} ${what}`;
      throw new ApiError(0, { reason: 'TooMany', message }, `list ${what}`);
    }
    next = page.metadata.continue;
    resourceVersion ??= page.metadata.resourceVersion;
  } while (next);
  return { metadata: { resourceVersion }, items };
}

/**
 * A page of at most `limit` objects, and the limit that worked. When they are too large for one response it requests half
 * as many, down to one; but not from a server that others control, which could cause requests without end.
 */
async function readPage<T>(
  { read, limits }: Pick<Source<T>, 'read' | 'limits'>,
  request: Request,
  limit: number,
): Promise<{ page: List<T>; limit: number }> {
  try {
    return { page: await read({ ...request, query: { ...request.query, limit } }), limit };
  } catch (error) {
    if (limits || limit === 1 || !isTooLarge(error)) throw error;
    return readPage({ read, limits }, request, Math.floor(limit / 2));
  }
}
