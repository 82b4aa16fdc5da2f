import type { FetchItem } from '#api/contract/work-order.ts';
import type { Credentials } from './credentials.ts';
import type { Get } from './http.ts';

export type TransportDeps = {
  get: Get;
  credentials: Credentials | undefined;
  /** Accept a server that speaks plain HTTP. */
  allowPlain: boolean;
};

/** A downloaded file. `version` is the one that was chosen from a repository's. */
export type Fetched = { name: string; content: Buffer; version?: string };

/** How the sources of one kind are downloaded. */
export type Transport<Item extends FetchItem = FetchItem> = {
  /** What is downloaded, for the log: without query and credentials. */
  describe: (item: Item) => string;
  /** Parts of the item that are credentials themselves. */
  secretsOf: (item: Item) => string[];
  /** @throws Failure */
  fetch: (deps: TransportDeps, item: Item) => Promise<Fetched>;
};
