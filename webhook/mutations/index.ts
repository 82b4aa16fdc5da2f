import type { Job } from '../job.ts';
import { mountCredentials } from './credentials.ts';
import { addFetchContainer } from './fetch-container.ts';
import { noteGeneration } from './injected-generation.ts';
import type { Injection, Mutation } from './mutation.ts';
import { requireNodes } from './node-affinity.ts';
import { mountSources } from './source-mounts.ts';
import { addSourceVolumes } from './source-volumes.ts';

/** The webhook, as far as Jobs go. The order matters where one mutation fills what another made. */
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
