import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '#api/contract/report.ts';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { toolEnvironment } from './command/environment.ts';
import { createRun } from './command/run.ts';
import type { Config } from './config.ts';
import { asFailure, Failure } from './failure.ts';
import type { Installed } from './install/context.ts';
import { installByKind } from './install/kinds.ts';
import { lockName } from './install/lock-name.ts';
import type { Log } from './log/log.ts';
import type { Redactor } from './log/redactor.ts';
import { readOrder, takeKubeconfig } from './order.ts';
import { addTargetSecrets, addValuesSecrets } from './secrets.ts';
import { createTargetClient, type TargetClient } from './target/client.ts';
import { acquireLease } from './target/lease.ts';
import { ensureNamespace } from './target/namespace.ts';
import type { Termination } from './termination.ts';
import { verify, verifyEnvironment } from './verify/verify.ts';

export type Deps = { config: Config; log: Log; redactor: Redactor; termination: Termination };

/** A Lease lives this long without renewal: so long a successor of a killed pod waits. */
const LEASE_MS = 15_000;

/** install ▸ verify; what happened is the report. Never throws. */
export async function installAndVerify(deps: Deps): Promise<Report> {
  const facts: Partial<Report> = {};
  let step: Report['step'] = 'install';
  try {
    const { order, env, target } = await prepare(deps);
    facts.digest = order.digest;
    if (order.install.kind === 'chart') facts.release = order.install.releaseName;
    const installed = await install(deps, order, env, target);
    if (installed.revision !== undefined) facts.revision = installed.revision;
    if (!order.verify) {
      return {
        ...facts,
        step: 'report',
        reason: 'Succeeded',
        verified: 'NotAsked',
        message: installed.summary,
      };
    }
    step = 'verify';
    if (deps.termination.asked()) throw new Failure('Terminated', `${installed.summary}; not yet verified`);
    await judge(deps, order, env, order.verify);
    return {
      ...facts,
      step: 'report',
      reason: 'Succeeded',
      verified: 'Yes',
      message: `${installed.summary}, and verified`,
    };
  } catch (error) {
    const { reason, message } = asFailure(error);
    return { ...facts, step, reason, message, ...(step === 'verify' ? { verified: 'No' as const } : {}) };
  }
}

async function prepare({ config, redactor }: Deps) {
  const { path, target } = await takeKubeconfig(config.order, config.memory);
  addTargetSecrets(redactor, target);
  const order = await readOrder(config.order);
  if (order.install.kind === 'chart') {
    for (const file of order.install.valuesFiles) {
      if (file.from !== 'order' || !file.secret) continue;
      addValuesSecrets(redactor, await readFile(join(config.order, file.key), 'utf8'));
    }
  }
  const { memory, scratch } = config;
  const env = await toolEnvironment({ memory, scratch, path: config.path, kubeconfig: path });
  return { order, env, target };
}

async function install(
  deps: Deps,
  order: WorkOrder,
  env: Record<string, string>,
  target: Parameters<typeof createTargetClient>[0],
): Promise<Installed> {
  const { log, termination } = deps;
  const { install: what, plugin, targetNamespace } = order;
  const done = log.step('install', `${what.kind} plugin ${plugin.name} into namespace ${targetNamespace}`);
  const end = Date.now() + order.timeoutMs;
  const client = createTargetClient(target);
  try {
    await ensureNamespace(client, targetNamespace);
    const installed = await underLease(deps, order, client, end, (abort) =>
      installByKind(
        {
          ...deps,
          order,
          client,
          server: target.server,
          env,
          abort,
          run: createRun(deps),
          remaining: () => end - Date.now(),
          markFirst: termination.allowGrace,
        },
        what,
      ),
    );
    done(installed.summary);
    return installed;
  } catch (error) {
    done(`failed: ${asFailure(error).reason}`);
    throw error;
  } finally {
    termination.endGrace();
    client.close();
  }
}

async function underLease<T>(
  { config, log, termination }: Deps,
  order: WorkOrder,
  client: TargetClient,
  end: number,
  work: (abort: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await acquireLease(
    { client, now: () => performance.now(), sleep: (ms) => delay(ms) },
    {
      namespace: order.targetNamespace,
      name: lockName(order),
      identity: config.identity,
      durationMs: LEASE_MS,
      waitMs: end - Date.now(),
      abort: termination.signal,
      note: log.note,
    },
  );
  try {
    return await work(AbortSignal.any([lease.lost, termination.signal]));
  } catch (error) {
    throw lease.lost.aborted ? lease.loss() : error;
  } finally {
    await lease.release();
  }
}

async function judge(
  deps: Deps,
  order: WorkOrder,
  env: Record<string, string>,
  { command, timeoutMs }: NonNullable<WorkOrder['verify']>,
): Promise<void> {
  const { config, log, termination } = deps;
  const done = log.step('verify', `the plugin's own command, for up to ${Math.round(timeoutMs / 1000)} s`);
  try {
    await verify(
      {
        run: createRun(deps),
        log,
        now: () => performance.now(),
        sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      },
      {
        command,
        timeoutMs,
        env: { ...env, ...verifyEnvironment(order) },
        cwd: config.scratch,
        abort: termination.signal,
      },
    );
    done('succeeded');
  } catch (error) {
    done(`failed: ${asFailure(error).reason}`);
    throw error;
  }
}
