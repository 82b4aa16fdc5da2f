import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReasonedError } from '#api/errors.ts';
import { type Runner, run, tryRun } from './command.ts';
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

/** What systemd says of a unit: `loaded`, `not-found`, `masked`. @throws ReasonedError `CommandFailed` */
export async function loadState(unit: string, runner: Runner = tryRun): Promise<string> {
  return (await run(['systemctl', 'show', '--property=LoadState', '--value', unit], { runner })).trim();
}

/** Those that the machine has: on many kube-proxy is a pod, and systemctl refuses a unit that is not there. */
async function presentOf(units: readonly string[], runner: Runner): Promise<string[]> {
  const states = await Promise.all(units.map((unit) => loadState(unit, runner)));
  return units.filter((_unit, index) => states[index] !== 'not-found');
}

/** @throws ReasonedError `CommandFailed` */
export async function stopUnits(units: readonly string[], runner: Runner = tryRun): Promise<void> {
  const present = await presentOf(units, runner);
  if (present.length > 0) await run(['systemctl', 'stop', ...present], { runner });
}

/** Restarts each, whatever becomes of the others. One that fails is left to `startUnits`. */
export async function restartUnits(units: readonly string[], runner: Runner = tryRun): Promise<void> {
  for (const unit of await presentOf(units, runner)) await runner(['systemctl', 'restart', unit]);
}

/**
 * Starts those that do not run, and leaves alone those that do. The first, the kubelet, is needed; others that fail
 * are only told of. @throws ReasonedError `HostUnitFailed`
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
 * That the unit which is to rest, the first, is there: two kubelets on one machine would end each other's pods.
 * @throws ReasonedError `HostUnitNotFound`
 */
export async function requireKubelet([kubelet = '']: readonly string[], runner: Runner): Promise<void> {
  const state = await loadState(kubelet, runner);
  if (state === 'loaded') return;
  const advice = 'name the unit of its kubelet by the first --host-unit of deploy/node-agent';
  throw new ReasonedError('HostUnitNotFound', `${kubelet} is ${state} on this machine; ${advice}`);
}
