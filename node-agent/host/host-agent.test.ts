import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { HostAgent } from './host-agent.ts';
import type { JoinContext, LeaveContext, Step } from './steps.ts';

const orderOf = (nodeUid: string): JoinOrder => ({
  nodeName: 'worker-3',
  nodeUid,
  server: 'https://192.0.2.1:30000',
  authority: 'PEM',
  bootstrapToken: 'abcdef.0123456789abcdef',
  clusterDomain: 'cluster.local',
  dnsAddress: '10.112.0.10',
  podRange: '10.200.0.0/16',
  serviceRange: '10.112.0.0/16',
  pauseImage: 'pause',
  insecureRegistries: [],
  labels: {},
});

let folder: string;
let done: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinion-agent-'));
  done = [];
});
afterEach(() => rm(folder, { recursive: true }));

const noted = (name: string): Step<unknown> => ({ name, run: async () => done.push(name) > 0 });

type Steps = { join?: Step<JoinContext>[]; leave?: Step<LeaveContext>[] };
const start = ({ join: inward = [noted('a'), noted('b')], leave = [noted('back')] }: Steps = {}) =>
  HostAgent.start({
    version: 'v',
    settings: { programs: '', cniPrograms: '', address: '192.0.2.2', hostUnits: [] },
    statePath: join(folder, 'state.json'),
    log: () => undefined,
    steps: { join: inward, leave },
    listSockets: async () => ['host-socket'],
  });

describe('the agent of a host machine', () => {
  test('takes the steps of joining in order and ends in phase Tenant', async () => {
    const agent = await start();
    await agent.join(orderOf('one'));
    await agent.idle();
    expect(done).toEqual(['a', 'b']);
    expect(agent.status()).toMatchObject({ phase: 'Tenant', nodeUid: 'one' });
  });

  test('refuses orders of a second tenant, to join and to leave', async () => {
    const agent = await start();
    await agent.join(orderOf('one'));
    await agent.idle();
    await expect(agent.join(orderOf('two'))).rejects.toMatchObject({ reason: 'Occupied' });
    await expect(agent.leave({ nodeUid: 'two' })).rejects.toMatchObject({ reason: 'Occupied' });
  });

  test('takes the steps of leaving and ends in phase Host', async () => {
    const agent = await start();
    await agent.join(orderOf('one'));
    await agent.leave({ nodeUid: 'one' });
    await agent.idle();
    expect(done.at(-1)).toBe('back');
    expect(agent.status()).toEqual(expect.objectContaining({ phase: 'Host' }));
    expect(agent.status().nodeUid).toBeUndefined();
  });

  test('stops joining after the current step when it is ordered to leave', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: Step<unknown> = { name: 'slow', run: () => promise.then(() => true) };
    const agent = await start({ join: [slow, noted('never')] });
    await agent.join(orderOf('one'));
    await agent.leave({ nodeUid: 'one' });
    resolve();
    await agent.idle();
    expect(done).toEqual(['back']);
  });

  test('continues after a restart', async () => {
    const { promise: never } = Promise.withResolvers<boolean>();
    const first = await start({ join: [{ name: 'stuck', run: () => never }] });
    await first.join(orderOf('one'));
    const second = await start();
    await second.idle();
    expect(done).toEqual(['a', 'b']);
    expect(second.status()).toMatchObject({ phase: 'Tenant', nodeUid: 'one' });
  });

  test('reports a failing step with its error and retries it', async () => {
    let tries = 0;
    const flaky: Step<unknown> = {
      name: 'flaky',
      run: async () => {
        if (++tries === 1) throw new Error('no such unit');
        return true;
      },
    };
    const looked: string[] = [];
    const agent = await start({ join: [flaky, { name: 'look', run: async () => looked.push('ok') > 0 }] });
    await agent.join(orderOf('one'));
    await expect.poll(() => agent.status()).toMatchObject({ step: 'flaky', error: 'no such unit' });
    await agent.idle();
    expect(looked).toEqual(['ok']);
    expect(agent.status().error).toBeUndefined();
  });

  test('passes the host’s sockets to the steps of leaving only after it had joined', async () => {
    let sockets: readonly string[] | undefined;
    const look: Step<LeaveContext> = {
      name: 'look',
      run: async (context) => {
        sockets = context.hostSockets;
        return true;
      },
    };
    const agent = await start({ leave: [look] });
    await agent.leave({ nodeUid: 'one' });
    await agent.idle();
    expect(sockets).toBeUndefined();
    await agent.join(orderOf('one'));
    await agent.leave({ nodeUid: 'one' });
    await agent.idle();
    expect(sockets).toEqual(['host-socket']);
  });

  test('removes nothing of the host when it leaves again after everything was cleaned', async () => {
    const seen: (readonly string[] | undefined)[] = [];
    const look: Step<LeaveContext> = {
      name: 'look',
      run: async ({ hostSockets }) => seen.push(hostSockets) > 0,
    };
    const clean: Step<LeaveContext> = {
      name: 'clean',
      run: async ({ noteCleaned }) => {
        await noteCleaned();
        return true;
      },
    };
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const { promise: never } = Promise.withResolvers<boolean>();
    const stuck: Step<LeaveContext> = {
      name: 'stuck',
      run: () => {
        resolve();
        return never;
      },
    };
    const first = await start({ leave: [look, clean, stuck] });
    await first.join(orderOf('one'));
    await first.leave({ nodeUid: 'one' });
    await reached;
    expect(first.status()).toMatchObject({ phase: 'Leaving', nodeUid: 'one', step: 'stuck' });
    const second = await start({ leave: [look, clean] });
    await second.idle();
    expect(seen).toEqual([['host-socket'], undefined]);
    expect(second.status()).toMatchObject({ phase: 'Host' });
  });
});
