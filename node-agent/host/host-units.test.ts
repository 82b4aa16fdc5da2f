import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Runner } from './command.ts';
import { removeDropIn, requireKubelet, restartUnits, startUnits, stopUnits } from './host-units.ts';

describe('removeDropIn', () => {
  let units: string;
  beforeEach(async () => {
    units = await mkdtemp(join(tmpdir(), 'pinion-units-'));
  });
  afterEach(() => rm(units, { recursive: true }));

  test.each([
    ['removes the drop-in and its folder', ['pinion.conf'], []],
    ['removes a partly written drop-in', ['pinion.conf.new'], []],
    [
      'keeps drop-ins of the machine’s owner',
      ['10-kubeadm.conf', 'pinion.conf'],
      ['kubelet.service.d/10-kubeadm.conf'],
    ],
    ['ignores a missing drop-in', ['10-kubeadm.conf'], ['kubelet.service.d/10-kubeadm.conf']],
  ])('%s', async (_sentence, files, remaining) => {
    const folder = join(units, 'kubelet.service.d');
    await mkdir(folder);
    for (const file of files) await writeFile(join(folder, file), '');
    await removeDropIn('kubelet.service', units);
    await removeDropIn('kubelet.service', units);
    const names = await readdir(units, { recursive: true });
    expect(names.filter((name) => name !== 'kubelet.service.d')).toEqual(remaining);
    expect(names.includes('kubelet.service.d')).toBe(remaining.length > 0);
  });
});

/** A systemd with these units. `failing` ones do not start. */
type Unit = { state?: string; active?: boolean; failing?: boolean };
function systemdWith(units: Record<string, Unit>) {
  const changes: string[] = [];
  const systemctl: Runner = async ([, verb = '', ...args]) => {
    const names = args.filter((arg) => !arg.startsWith('--'));
    const answer = (ok: boolean, stdout = '') => ({ ok, stdout, stderr: ok ? '' : 'refused' });
    const first = units[names[0] ?? ''];
    if (verb === 'show') return answer(true, `${first ? (first.state ?? 'loaded') : 'not-found'}\n`);
    if (verb === 'is-active') return answer(first?.active === true);
    changes.push([verb, ...names].join(' '));
    for (const name of names) {
      const unit = units[name];
      if (unit) unit.active = verb !== 'stop' && !unit.failing;
    }
    return answer(names.every((name) => units[name] && (verb === 'stop' || !units[name].failing)));
  };
  return { changes, systemctl };
}

const [KUBELET, PROXY] = ['kubelet.service', 'kube-proxy.service'];
const BOTH = [KUBELET, PROXY];

describe('stopUnits', () => {
  test.each<[string, Record<string, Unit>, string[]]>([
    ['stops all units', { [KUBELET]: {}, [PROXY]: {} }, [`stop ${KUBELET} ${PROXY}`]],
    ['skips a unit that the machine does not have', { [KUBELET]: {} }, [`stop ${KUBELET}`]],
    ['does nothing on a machine without the units', {}, []],
  ])('%s', async (_sentence, units, changes) => {
    const systemd = systemdWith(units);
    await stopUnits(BOTH, systemd.systemctl);
    expect(systemd.changes).toEqual(changes);
  });
});

describe('restartUnits and startUnits', () => {
  test('restart each unit and skip one that the machine does not have', async () => {
    const { changes, systemctl } = systemdWith({ [KUBELET]: { active: true } });
    await restartUnits(BOTH, systemctl);
    await startUnits(BOTH, () => undefined, systemctl);
    expect(changes).toEqual([`restart ${KUBELET}`]);
  });

  test('log a failing kube-proxy and do not restart the kubelet for it', async () => {
    const { changes, systemctl } = systemdWith({ [KUBELET]: {}, [PROXY]: { failing: true } });
    const lines: string[] = [];
    await restartUnits(BOTH, systemctl);
    await startUnits(BOTH, (line) => lines.push(line), systemctl);
    expect(changes).toEqual([`restart ${KUBELET}`, `restart ${PROXY}`, `start ${PROXY}`]);
    expect(lines).toEqual([expect.stringContaining(`${PROXY} does not start`)]);
  });

  test('fail while the kubelet does not start and do not restart kube-proxy for it', async () => {
    const { changes, systemctl } = systemdWith({ [KUBELET]: { failing: true }, [PROXY]: {} });
    await restartUnits(BOTH, systemctl);
    for (const _try of [1, 2]) {
      const started = startUnits(BOTH, () => undefined, systemctl);
      await expect(started).rejects.toMatchObject({ reason: 'HostUnitFailed' });
    }
    expect(changes.filter((line) => line.includes(PROXY))).toEqual([`restart ${PROXY}`]);
  });
});

test.each<[string, Record<string, Unit>, string | undefined]>([
  ['accepts a machine whose kubelet is a unit', { [KUBELET]: {} }, undefined],
  ['refuses a machine without the kubelet’s unit', { [PROXY]: {} }, `${KUBELET} is not-found`],
  [
    'refuses a machine whose kubelet’s unit is masked',
    { [KUBELET]: { state: 'masked' } },
    `${KUBELET} is masked`,
  ],
])('requireKubelet %s', async (_sentence, units, message) => {
  const { changes, systemctl } = systemdWith(units);
  const checked = requireKubelet(BOTH, systemctl);
  if (message === undefined) await checked;
  else
    await expect(checked).rejects.toMatchObject({
      reason: 'HostUnitNotFound',
      message: expect.stringContaining(message),
    });
  expect(changes).toEqual([]);
});
