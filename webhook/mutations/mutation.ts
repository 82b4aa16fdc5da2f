import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Settings } from '#api/settings.ts';
import type { SlotLocation } from '#api/sources/location.ts';
import type { Job } from '../job.ts';

/** The input of a mutation besides the Job. */
export type Injection = {
  plugin: VirtualClusterPlugin;
  locations: readonly SlotLocation[];
  settings: Settings;
};

/** A small change of a Job. Pure; applied twice it does no more than once. */
export type Mutation = (job: Job, injection: Injection) => Job;
