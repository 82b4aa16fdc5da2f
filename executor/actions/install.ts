import type { Report } from '#api/contract/report.ts';
import { createRun } from '../command/run.ts';
import type { Deployed } from '../deployers/context.ts';
import { deploy } from '../deployers/deployers.ts';
import { asFailure, Failure } from '../failure.ts';
import { render } from '../render/renderers.ts';
import { createTargetClient, failureOf } from '../target/client.ts';
import { verifyPlugin } from '../verify/verify-plugin.ts';
import { underLease } from './under-lease.ts';
import type { RunAction, Work } from './work.ts';

/** Installs or upgrades the plugin, then runs its success command. */
export const install: RunAction = async (work) => {
  const { order, termination } = work;
  let facts: Partial<Report> = { digest: order.digest };
  let step: Report['step'] = 'install';
  try {
    const { summary, ...deployed } = await installStep(work);
    facts = { ...facts, ...deployed };
    const succeeded = { ...facts, step: 'report', reason: 'Succeeded' } as const;
    if (!order.verify) return { ...succeeded, verified: 'NotAsked', message: summary };
    step = 'verify';
    if (termination.asked()) throw new Failure('Terminated', `${summary}; not yet verified`);
    await verifyPlugin(work, order.verify).catch((error) => sayIfUnreachable(work, error));
    return { ...succeeded, verified: 'Yes', message: `${summary}, and verified` };
  } catch (error) {
    const { reason, message } = asFailure(error);
    return { ...facts, step, reason, message, ...(step === 'verify' ? { verified: 'No' as const } : {}) };
  }
};

/** A command that could not reach the target says nothing of the plugin: another attempt may do better. */
async function sayIfUnreachable({ target }: Work, error: unknown): Promise<never> {
  const failure = asFailure(error);
  if (failure.reason !== 'VerifyTimeout') throw failure;
  const client = createTargetClient(target);
  try {
    const answer = await client.request('GET', '/readyz');
    if (answer.code === 401) throw failureOf(answer, 'successStateCommand did not exit 0');
  } finally {
    client.close();
  }
  throw failure;
}

async function installStep(work: Work): Promise<Deployed> {
  const { log, termination, order, target } = work;
  const { install: payload, plugin, targetNamespace } = order;
  const done = log.step('install', `${payload.kind} plugin ${plugin.name} into namespace ${targetNamespace}`);
  const end = Date.now() + order.timeoutMs;
  const remaining = () => end - Date.now();
  const client = createTargetClient(target);
  try {
    const deployed = await underLease(work, client, remaining(), async (abort) => {
      const context = {
        ...work,
        client,
        server: target.server,
        abort,
        run: createRun(work),
        remaining,
        markFirst: termination.allowGrace,
        endGrace: termination.endGrace,
      };
      return deploy(context, await render(context, payload));
    });
    done(deployed.summary);
    return deployed;
  } catch (error) {
    done(`failed: ${asFailure(error).reason}`);
    throw error;
  } finally {
    termination.endGrace();
    client.close();
  }
}
