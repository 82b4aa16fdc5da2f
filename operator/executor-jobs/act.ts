import type { Job } from '#kube/resources.ts';
import type { Content } from './content.ts';

/** One write that brings an executor Job on. */
export type PluginAct =
  | { kind: 'create'; name: string; content: Content }
  /** Make its Secret, pin it, let it run. */
  | { kind: 'release'; job: Job; content: Content }
  | { kind: 'delete'; job: Job; because: 'superseded' | 'outdated' | 'not injected' | 'injected otherwise' };
