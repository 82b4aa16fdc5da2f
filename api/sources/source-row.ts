import type { FetchOrder } from '../contract/work-order.ts';
import { TerminalError } from '../errors.ts';
import type { FieldProblem } from '../problem.ts';
import type { Settings } from '../settings.ts';

/** An object that a source names, in the plugin's namespace unless it is a Node. */
export type SourceReference = { field: string; name: string } & (
  | { kind: 'PersistentVolumeClaim' }
  /** The source can be read on that node only. */
  | { kind: 'Node' }
  /** A Secret that must be labelled as source credentials. */
  | { kind: 'Secret'; credentials: true }
);

type WithoutSlot<Item> = Item extends unknown ? Omit<Item, 'slot' | 'credentials'> : never;

/** How a source gets into the executor's pod. */
export type Delivery<Location> =
  /** As a volume. `isShared`: sources with equal volumes share one, because a pod should mount a claim once. */
  | { by: 'volume'; volume: (location: Location) => Record<string, unknown>; isShared: boolean }
  /** By the init container `fetch`; `secret` names the Secret of its credentials. */
  | {
      by: 'fetch';
      item: (location: Location) => WithoutSlot<FetchOrder['items'][number]>;
      secret: (location: Location) => string | undefined;
    }
  /** It is in the executor's image, in this directory of it. */
  | { by: 'image'; place: 'catalogue' };

/** Fields of a source that only some kinds read. */
export const SOURCE_OPTIONS = ['sha256', 'secretRef'] as const;
export type SourceOption = (typeof SOURCE_OPTIONS)[number];

/** How a kind is written in the field `uri`, which several kinds share. */
export type UriForm = {
  /** Without the colon. */
  schemes: readonly string[];
  /** A part of a regular expression, as CEL and JavaScript both read it. */
  pattern: string;
  /** For messages: `uri must be …`. */
  form: string;
  /** For `kubectl explain`. */
  description: string;
};

/**
 * All that Pinion knows of one kind of source. `Location` is where a source is, as data; `Written` has the fields that
 * a person writes it with. `field` arguments are the path of the source in the spec.
 */
export type SourceRow<Location, Written> = {
  field: keyof Written & string;
  uri?: UriForm;
  options: readonly SourceOption[];
  /** @throws TerminalError `InvalidSource`, `InsecureSource` or `HostPathNotAllowed`, naming the field. */
  locate: (written: Written, field: string, settings: Settings) => Location;
  /** The kind in a plugin's status, like `pvPath`. Default `field`. */
  word?: (written: Written) => string;
  /** Why plugins of this namespace may not have such a source; undefined where they may. */
  refusedIn?: (namespace: string, field: string) => FieldProblem | undefined;
  references: (location: Location, field: string) => SourceReference[];
  /** What is allowed and probably a mistake. */
  warnings: (location: Location, field: string) => string[];
  delivery: Delivery<Location>;
};

export const invalidSource = (message: string) => new TerminalError('InvalidSource', message);

/** @throws TerminalError when the path has a `..` segment; `shown` is what the message quotes. */
export function refuseParent(path: string, field: string, shown = path): void {
  if (path.split('/').includes('..')) {
    throw invalidSource(`${field} "${shown}" must not contain ".."; give the resolved path`);
  }
}

/** CEL: refuses a path with a `..` segment. */
export const noParent = (field: string) => ({
  rule: "!self.matches('(^|[/:])\\\\.\\\\.(/|$)')",
  message: `${field} must not contain ".."; give the resolved path, like claim:/pv/charts/a`,
});

/** The reference to a Secret of source credentials, if the source names one. */
export const credentialsReference = (secret: string | undefined, field: string): SourceReference[] =>
  secret === undefined
    ? []
    : [{ kind: 'Secret', field: `${field}.secretRef`, name: secret, credentials: true }];
