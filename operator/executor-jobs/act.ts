import type { Job } from '#kube/resources.ts';
import type { Content } from './content.ts';

type Because = 'superseded' | 'outdated' | 'not injected' | 'injected otherwise' | 'settings changed';

/** One write that brings an executor Job on. */
export type JobAct =
  | { kind: 'create'; name: string; content: Content }
  /** Make its Secret, pin it to a node where a claim asks for one, let it run. */
  | { kind: 'unsuspend'; job: Job; content: Content }
  /** Between two attempts: gives the next one the newest credentials and what is left of the time. */
  | { kind: 'refresh'; job: Job; content: Content }
  /** The time is over: no other attempt, and its pods stay for their logs. */
  | { kind: 'end'; job: Job }
  | { kind: 'delete'; job: Job; because: Because };
