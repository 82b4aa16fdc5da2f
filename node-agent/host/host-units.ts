import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReasonedError } from '#api/errors.ts';
import { type Ran, tryRun } from './command.ts';
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

export type Systemctl = (...args: string[]) => Promise<Ran>;
const onThisMachine: Systemctl = (...args) => tryRun(['systemctl', ...args]);

/** What systemd says of a unit: `loaded`, `not-found`, `masked`. @throws ReasonedError `CommandFailed` */
export async function loadState(unit: string, systemctl = onThisMachine): Promise<string> {
  const { ok, stdout, stderr } = await systemctl('show', '--property=LoadState', '--value', unit);
  if (!ok) throw new ReasonedError('CommandFailed', `systemctl show ${unit}: ${stderr.trim()}`);
  return stdout.trim();
}

/** Those that the machine has: on many kube-proxy is a pod, and systemctl refuses a unit that is not there. */
async function presentOf(units: readonly string[], systemctl: Systemctl): Promise<string[]> {
  const states = await Promise.all(units.map((unit) => loadState(unit, systemctl)));
  return units.filter((_unit, index) => states[index] !== 'not-found');
}

/** @throws ReasonedError `CommandFailed` */
export async function stopUnits(units: readonly string[], systemctl = onThisMachine): Promise<void> {
  const present = await presentOf(units, systemctl);
  if (present.length === 0) return;
  const { ok, stderr } = await systemctl('stop', ...present);
  if (!ok) throw new ReasonedError('CommandFailed', `systemctl stop ${present.join(' ')}: ${stderr.trim()}`);
}

/** Restarts each, whatever becomes of the others. One that fails is left to `startUnits`. */
export async function restartUnits(units: readonly string[], systemctl = onThisMachine): Promise<void> {
  for (const unit of await presentOf(units, systemctl)) await systemctl('restart', unit);
}

/**
 * Starts those that do not run, and leaves alone those that do. The first, the kubelet, is needed; others that fail
 * are only told of. @throws ReasonedError `HostUnitFailed`
 */
export async function startUnits(
  units: readonly string[],
  log: (line: string) => void,
  systemctl = onThisMachine,
): Promise<void> {
  for (const unit of await presentOf(units, systemctl)) {
    if ((await systemctl('is-active', '--quiet', unit)).ok) continue;
    const { ok, stderr } = await systemctl('start', unit);
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
export async function requireKubelet([kubelet = '']: readonly string[], systemctl: Systemctl): Promise<void> {
  const state = await loadState(kubelet, systemctl);
  if (state === 'loaded') return;
  const advice = 'name the unit of its kubelet by the first --host-unit of deploy/node-agent';
  throw new ReasonedError('HostUnitNotFound', `${kubelet} is ${state} on this machine; ${advice}`);
}
