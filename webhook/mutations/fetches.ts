import type { FetchOrder } from '#api/contract/work-order.ts';
import type { SlotLocation } from '#api/sources/location.ts';
import { rowOf } from '#api/sources/table.ts';

/** What the fetch container fetches, and the Secret of its credentials. */
export type Fetch = { item: FetchOrder['items'][number]; secret: string | undefined };

/** The sources that are fetched when the pod starts; the others are in it already. */
export const fetchesOf = (locations: readonly SlotLocation[]): Fetch[] =>
  locations.flatMap(({ slot, location }) => {
    const { delivery } = rowOf(location);
    if (delivery.by !== 'fetch') return [];
    const secret = delivery.secret(location);
    return [{ item: { ...delivery.item(location), slot, credentials: secret !== undefined }, secret }];
  });
