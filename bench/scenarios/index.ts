import { admission } from './admission.ts';
import { memory } from './memory.ts';
import { fetchedSource, onePlugin } from './one-plugin.ts';
import type { Scenario } from './scenario.ts';
import { tenant, tenTenants } from './tenants.ts';
import { twentyPlugins, twentyWithPods } from './twenty-plugins.ts';

/** Every benchmark, in the order in which they run. One more is a file and a row, and a place in the page. */
export const scenarios: readonly Scenario[] = [
  onePlugin,
  fetchedSource,
  twentyPlugins,
  twentyWithPods,
  admission,
  memory,
  tenant,
  tenTenants,
];
