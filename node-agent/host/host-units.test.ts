import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Runner } from './command.ts';
import { removeDropIn, requireKubelet, restartUnits, startUnits, stopUnits } from './host-units.ts';

describe('the drop-in of a host’s unit', () => {
  let units: string;
  beforeEach(async () => {
    units = await mkdtemp(join(tmpdir(), 'pinion-units-'));
  });
  afterEach(() => rm(units, { recursive: true }));

  test.each([
    ['goes with its folder', ['pinion.conf'], []],
    ['half written goes as well', ['pinion.conf.new'], []],
    ['leaves those of the owner', ['10-kubeadm.conf', 'pinion.conf'], ['kubelet.service.d/10-kubeadm.conf']],
    ['that is not there is no fault', ['10-kubeadm.conf'], ['kubelet.service.d/10-kubeadm.conf']],
  ])('%s', async (_name, files, left) => {
    const folder = join(units, 'kubelet.service.d');
    await mkdir(folder);
    for (const file of files) await writeFile(join(folder, file), '');
    await removeDropIn('kubelet.service', units);
    await removeDropIn('kubelet.service', units);
    const found = await readdir(units, { recursive: true });
    expect(found.filter((name) => name !== 'kubelet.service.d')).toEqual(left);
    expect(found.includes('kubelet.service.d')).toBe(left.length > 0);
  });
});

/** A systemd that has these units. `failing` ones do not start. */
type Unit = { state?: string; active?: boolean; failing?: boolean };
function systemdWith(units: Record<string, Unit>) {
  const done: string[] = [];
  const systemctl: Runner = async ([, verb = '', ...args]) => {
    const names = args.filter((arg) => !arg.startsWith('--'));
    const answer = (ok: boolean, stdout = '') => ({ ok, stdout, stderr: ok ? '' : 'refused' });
    const first = units[names[0] ?? ''];
    if (verb === 'show') return answer(true, `${first ? (first.state ?? 'loaded') : 'not-found'}\n`);
    if (verb === 'is-active') return answer(first?.active === true);
    done.push([verb, ...names].join(' '));
    for (const name of names) {
      const unit = units[name];
      if (unit) unit.active = verb !== 'stop' && !unit.failing;
    }
    return answer(names.every((name) => units[name] && (verb === 'stop' || !units[name].failing)));
  };
  return { done, systemctl };
}

const [KUBELET, PROXY] = ['kubelet.service', 'kube-proxy.service'];
const BOTH = [KUBELET, PROXY];

describe('on the way in', () => {
  test.each<[string, Record<string, Unit>, string[]]>([
    ['all units stop', { [KUBELET]: {}, [PROXY]: {} }, [`stop ${KUBELET} ${PROXY}`]],
    ['one that the machine does not have is left out', { [KUBELET]: {} }, [`stop ${KUBELET}`]],
    ['nothing stops where there is none', {}, []],
  ])('%s', async (_name, units, done) => {
    const systemd = systemdWith(units);
    await stopUnits(BOTH, systemd.systemctl);
    expect(systemd.done).toEqual(done);
  });
});

describe('on the way back', () => {
  test('each is restarted, and a unit that the machine does not have is left out', async () => {
    const { done, systemctl } = systemdWith({ [KUBELET]: { active: true } });
    await restartUnits(BOTH, systemctl);
    await startUnits(BOTH, () => undefined, systemctl);
    expect(done).toEqual([`restart ${KUBELET}`]);
  });

  test('a kube-proxy that fails is told of, and the kubelet is not restarted for it', async () => {
    const { done, systemctl } = systemdWith({ [KUBELET]: {}, [PROXY]: { failing: true } });
    const said: string[] = [];
    await restartUnits(BOTH, systemctl);
    await startUnits(BOTH, (line) => said.push(line), systemctl);
    expect(done).toEqual([`restart ${KUBELET}`, `restart ${PROXY}`, `start ${PROXY}`]);
    expect(said).toEqual([expect.stringContaining(`${PROXY} does not start`)]);
  });

  test('a kubelet that fails holds up the return, and kube-proxy is not restarted for it', async () => {
    const { done, systemctl } = systemdWith({ [KUBELET]: { failing: true }, [PROXY]: {} });
    await restartUnits(BOTH, systemctl);
    for (const _try of [1, 2]) {
      const started = startUnits(BOTH, () => undefined, systemctl);
      await expect(started).rejects.toMatchObject({ reason: 'HostUnitFailed' });
    }
    expect(done.filter((line) => line.includes(PROXY))).toEqual([`restart ${PROXY}`]);
  });
});

test.each<[string, Record<string, Unit>, string | undefined]>([
  ['a machine whose kubelet is a unit is fit', { [KUBELET]: {} }, undefined],
  ['one without that unit is not', { [PROXY]: {} }, `${KUBELET} is not-found`],
  ['one where it is masked is not', { [KUBELET]: { state: 'masked' } }, `${KUBELET} is masked`],
])('%s', async (_name, units, message) => {
  const { done, systemctl } = systemdWith(units);
  const judged = requireKubelet(BOTH, systemctl);
  if (message === undefined) await judged;
  else
    await expect(judged).rejects.toMatchObject({
      reason: 'HostUnitNotFound',
      message: expect.stringContaining(message),
    });
  expect(done).toEqual([]);
});
