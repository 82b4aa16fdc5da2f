import { describe, expect, test } from 'vitest';
import { job, ofPlugin } from '#test/observed.ts';
import { Slots } from './slots.ts';

const ofOther = (name: string) => job(ofPlugin('demo', name));

describe('Slots', () => {
  test('counts the plugins whose Jobs are active, without the one that asks', () => {
    const active = [job(), ofOther('dns'), ofOther('cni')];
    expect(new Slots().takenByOthers('vc', 'web', active)).toBe(2);
  });

  test('counts a plugin with two Jobs once', () => {
    expect(new Slots().takenByOthers('vc', 'web', [ofOther('dns'), ofOther('dns')])).toBe(1);
  });

  test('counts a plugin that is about to create its Job', () => {
    const slots = new Slots();
    slots.take('vc', 'dns');
    expect(slots.takenByOthers('vc', 'web', [])).toBe(1);
    expect(slots.takenByOthers('vc', 'dns', [])).toBe(0);
  });

  test('counts a plugin once that is about to start and has its Job already', () => {
    const slots = new Slots();
    slots.take('vc', 'dns');
    expect(slots.takenByOthers('vc', 'web', [ofOther('dns')])).toBe(1);
  });

  test('counts a plugin no longer once its slot was returned', () => {
    const slots = new Slots();
    const done = slots.take('vc', 'dns');
    const alsoDone = slots.take('vc', 'cni');
    done();
    expect(slots.takenByOthers('vc', 'web', [])).toBe(1);
    alsoDone();
    expect(slots.takenByOthers('vc', 'web', [])).toBe(0);
  });

  test('counts no plugin of another cluster', () => {
    const slots = new Slots();
    slots.take('other', 'dns');
    expect(slots.takenByOthers('vc', 'web', [])).toBe(0);
  });
});
