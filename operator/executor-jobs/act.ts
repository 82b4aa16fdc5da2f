import type { Job } from '#kube/resources.ts';
import type { Content } from './content.ts';

type Because = 'superseded' | 'outdated' | 'not injected' | 'injected otherwise' | 'settings changed';

/** One write that brings an executor Job on. */
export type JobAct =
  | { kind: 'create'; name: string; content: Content }
  /** Make its Secret, pin it to a node where a claim asks for one, let it run. */
  | { kind: 'unsuspend'; job: Job; content: Content }
  | { kind: 'delete'; job: Job; because: Because };
