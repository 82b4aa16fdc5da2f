import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReasonedError } from '#api/errors.ts';
import { type Runner, run, tryRun } from './command.ts';
import { layout } from './layout.ts';
import { dropInPath } from './units.ts';

/** Allows a host's unit to start again. Other drop-ins of the unit stay. */
export async function removeDropIn(unit: string, units = layout.units): Promise<void> {
  const path = dropInPath(unit, units);
  for (const file of [path, `${path}.new`]) await rm(file, { force: true });
  await rmdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}

/** The load state of a unit: `loaded`, `not-found`, `masked`. @throws ReasonedError `CommandFailed` */
export async function loadState(unit: string, runner: Runner = tryRun): Promise<string> {
  return (await run(['systemctl', 'show', '--property=LoadState', '--value', unit], { runner })).trim();
}

/** Units that exist on the machine. Often kube-proxy is a pod, and systemctl fails for a missing unit. */
async function presentOf(units: readonly string[], runner: Runner): Promise<string[]> {
  const states = await Promise.all(units.map((unit) => loadState(unit, runner)));
  return units.filter((_unit, index) => states[index] !== 'not-found');
}

/** Stops the units that exist. @throws ReasonedError `CommandFailed` */
export async function stopUnits(units: readonly string[], runner: Runner = tryRun): Promise<void> {
  const present = await presentOf(units, runner);
  if (present.length > 0) await run(['systemctl', 'stop', ...present], { runner });
}

/** Restarts each unit independently. `startUnits` deals with one that fails. */
export async function restartUnits(units: readonly string[], runner: Runner = tryRun): Promise<void> {
  for (const unit of await presentOf(units, runner)) await runner(['systemctl', 'restart', unit]);
}

/**
 * Starts the units that are not running. The first one, the kubelet, must start; failures of the others are logged.
 * @throws ReasonedError `HostUnitFailed`
 */
export async function startUnits(
  units: readonly string[],
  log: (line: string) => void,
  runner: Runner = tryRun,
): Promise<void> {
  for (const unit of await presentOf(units, runner)) {
    if ((await runner(['systemctl', 'is-active', '--quiet', unit])).ok) continue;
    const { ok, stderr } = await runner(['systemctl', 'start', unit]);
    if (ok) continue;
    const message = `${unit} does not start; see journalctl -u ${unit}: ${stderr.trim().slice(-800)}`;
    if (unit === units[0]) throw new ReasonedError('HostUnitFailed', message);
    log(message);
  }
}

/**
 * Checks that the first unit, the kubelet's, exists. A kubelet that could not be stopped would fight the tenant's
 * kubelet over the machine's pods.
 * @throws ReasonedError `HostUnitNotFound`
 */
export async function requireKubelet([kubelet = '']: readonly string[], runner: Runner): Promise<void> {
  const state = await loadState(kubelet, runner);
  if (state === 'loaded') return;
  const advice = 'set the first --host-unit of deploy/node-agent to the unit of its kubelet';
  throw new ReasonedError('HostUnitNotFound', `${kubelet} is ${state} on this machine; ${advice}`);
}
