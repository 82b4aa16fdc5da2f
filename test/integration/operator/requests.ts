import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const CHANNEL = 'http.client.request.start';

/** Counts what the operators of this process ask of a namespace, as `PATCH plugininstallations/status`; no watches. */
export function countRequests(namespace: string): { counts: ReadonlyMap<string, number>; stop: () => void } {
  const counts = new Map<string, number>();
  const inNamespace = `/namespaces/${namespace}/`;
  const onRequest = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    const { pathname, searchParams } = new URL(request.path, 'https://api');
    const isOurs = request.getHeader('impersonate-user') !== undefined && pathname.includes(inNamespace);
    if (!isOurs || searchParams.has('watch')) return;
    const [resource, , subresource] = pathname
      .slice(pathname.indexOf(inNamespace) + inNamespace.length)
      .split('/');
    const key = `${request.method} ${subresource ? `${resource}/${subresource}` : resource}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  subscribe(CHANNEL, onRequest);
  return { counts, stop: () => unsubscribe(CHANNEL, onRequest) };
}
