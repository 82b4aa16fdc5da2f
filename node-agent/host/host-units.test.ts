import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDropIn } from './host-units.ts';

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
