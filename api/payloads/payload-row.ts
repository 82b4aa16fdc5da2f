import type { Slot } from '../contract/slots.ts';
import type { Place, WorkOrder } from '../contract/work-order.ts';
import type { FieldProblem } from '../problem.ts';
import type { WrittenSource } from '../sources/source.ts';
import type { Values } from './values.ts';

/** A source that a payload names, for the slot that holds it in the executor's pod. */
export type NamedSource = { slot: Slot; field: string; written: WrittenSource };

/** An object that a payload names besides its sources, in the plugin's namespace. */
export type PayloadReference = { kind: 'ConfigMap' | 'Secret'; field: string; name: string };

/** One text of values from a ConfigMap or Secret. */
export type ValuesText = { text: string; secret: boolean };

/** A place in the executor's pod; `path` is relative to it. */
export type SourcePath = { slot: Place; path: string };

/** What the order of a plugin is made of, besides the payload. */
export type OrderInput = {
  /** The plugin's name. */
  name: string;
  releaseName?: string | undefined;
  /** Where the slot's source is in the pod. @throws TerminalError when the plugin has no such source. */
  sourceOf: (slot: Slot) => SourcePath;
  /** Facts of a managed cluster. */
  facts?: object | undefined;
  valuesFrom: readonly ValuesText[];
  /** Options of the cluster. */
  options: Record<string, string>;
  /** Values that the cluster gives to this plugin. */
  values?: Values | undefined;
};

export type OrderOf<Kind extends WorkOrder['install']['kind']> = Extract<
  WorkOrder['install'],
  { kind: Kind }
>;

/** The payload's part of the work order, and the files that go with it as keys of the Job's Secret. */
export type PayloadOrder<Install> = { install: Install; files: Record<string, string> };

/** All that Pinion knows of one kind of payload. `Payload` is what `pluginSources` has under its name. */
export type PayloadRow<Payload, Install = WorkOrder['install']> = {
  /** Its sources, the main one first. */
  sources: (payload: Payload) => NamedSource[];
  references: (payload: Payload) => PayloadReference[];
  errors: (payload: Payload, plugin: { name: string; releaseName?: string | undefined }) => FieldProblem[];
  /** What is allowed and probably a mistake. */
  warnings: (payload: Payload) => string[];
  /** Whether it is given the facts of a managed cluster, which are then part of its digest. */
  takesFacts: boolean;
  /** @throws TerminalError, or ReasonedError where another object holds what is wrong. */
  order: (payload: Payload, input: OrderInput) => PayloadOrder<Install>;
};
