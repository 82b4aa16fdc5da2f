import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { layout } from './layout.ts';
import { dropInPath } from './units.ts';

/** Lets a host's unit start again. Settings that the machine's owner has in the same folder stay. */
export async function removeDropIn(unit: string, units = layout.units): Promise<void> {
  const path = dropInPath(unit, units);
  for (const file of [path, `${path}.new`]) await rm(file, { force: true });
  await rmdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}
