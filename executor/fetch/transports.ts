import type { FetchItem, FetchItemKind, FetchItemOf } from '#api/contract/work-order.ts';
import type { Transport } from './transport.ts';

/** The transport of each kind of source: a file and a row. Only the one that is needed is loaded. */
const TRANSPORTS: { [Kind in FetchItemKind]: () => Promise<Transport<FetchItemOf<Kind>>> } = {
  uri: async () => (await import('./uri.ts')).uri,
  repository: async () => (await import('./repository.ts')).repository,
};

export const transportOf = async ({ kind }: FetchItem): Promise<Transport> =>
  (await TRANSPORTS[kind]()) as Transport;
