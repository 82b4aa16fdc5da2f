/** The shape of an executor Job, as far as operator, webhook and executor must agree on it. */
import type { Slot } from './slots.ts';

export const EXECUTOR_CONTAINER = 'executor';
export const FETCH_CONTAINER = 'fetch';

/** Directories in an executor pod. */
export const DIRECTORY = {
  /** The Job's Secret: order.json, kubeconfig, files of values. Read-only. */
  order: '/run/pinion/order',
  /** An emptyDir in memory: the 0600 copy of the kubeconfig, HOME, caches of the tools. */
  memory: '/run/pinion/memory',
  sources: '/run/pinion/sources',
  credentials: '/run/pinion/credentials',
} as const;

export const VOLUME = { order: 'order', memory: 'memory', scratch: 'scratch' } as const;

export const ORDER_KEYS = { order: 'order.json', kubeconfig: 'kubeconfig' } as const;

/** The FetchOrder as JSON, set on the fetch container by the webhook. */
export const FETCH_ENVIRONMENT = 'PINION_FETCH';
/** The pod's name, by the downward API: the executor's identity in its Lease. */
export const IDENTITY_ENVIRONMENT = 'PINION_POD';
/** `text` (default) or `json`. */
export const LOG_FORMAT_ENVIRONMENT = 'PINION_LOG_FORMAT';
export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const sourceVolume = (slot: Slot) => `source-${slot}`;
export const sourceDirectory = (slot: Slot) => `${DIRECTORY.sources}/${slot}`;
export const credentialsVolume = (slot: Slot) => `credentials-${slot}`;
export const credentialsDirectory = (slot: Slot) => `${DIRECTORY.credentials}/${slot}`;
/** The Job's Secret has the Job's name. */
export const orderSecretName = (job: string) => job;
