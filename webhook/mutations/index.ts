import type { Job } from '../job.ts';
import { mountCredentials } from './credentials.ts';
import { addFetchContainer } from './fetch-container.ts';
import { noteGeneration } from './injected-generation.ts';
import type { Injection, Mutation } from './mutation.ts';
import { requireNodes } from './node-affinity.ts';
import { mountSources } from './source-mounts.ts';
import { addSourceVolumes } from './source-volumes.ts';

/** All changes of a Job, in order: later ones extend what earlier ones added. */
const MUTATIONS: readonly Mutation[] = [
  addSourceVolumes,
  mountSources,
  addFetchContainer,
  mountCredentials,
  requireNodes,
  noteGeneration,
];

/** The Job with its plugin's sources. Pure and idempotent. */
export const injectSources = (job: Job, injection: Injection): Job =>
  MUTATIONS.reduce((result, mutate) => mutate(result, injection), job);
