import { admission } from './admission.ts';
import { memory } from './memory.ts';
import { fetchedSource, onePlugin } from './one-plugin.ts';
import type { Scenario } from './scenario.ts';
import { tenant, tenTenants } from './tenants.ts';
import { twentyScenarios } from './twenty-plugins.ts';

/** All benchmarks, in the order in which they run. A new one is a file, a row, and a place in the page. */
export const scenarios: readonly Scenario[] = [
  onePlugin,
  fetchedSource,
  ...twentyScenarios,
  admission,
  memory,
  tenant,
  tenTenants,
];
