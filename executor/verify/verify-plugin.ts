import { setTimeout as delay } from 'node:timers/promises';
import { releaseOf, type WorkOrder } from '#api/contract/work-order.ts';
import type { Target } from '#api/kubeconfig.ts';
import { createRun } from '../command/run.ts';
import { asFailure } from '../failure.ts';
import type { Program } from '../program.ts';
import { createTargetClient } from '../target/client.ts';
import { addNamespaceSecrets } from '../target/secrets.ts';
import { verify } from './verify.ts';

/** Runs the success command of a work order as a step of its own. @throws Failure */
export async function verifyPlugin(
  work: Program & { order: WorkOrder; target: Target; env: Record<string, string> },
  { command, timeoutMs }: NonNullable<WorkOrder['verify']>,
): Promise<void> {
  const { config, log, redactor, termination, order, env } = work;
  const client = createTargetClient(work.target);
  const done = log.step('verify', `the plugin's own command, for up to ${Math.round(timeoutMs / 1000)} s`);
  try {
    await verify(
      {
        run: createRun(work),
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
        // What the target does not tell is shown: the command is its author's own.
        learn: () => addNamespaceSecrets(client, redactor, order).catch(() => undefined),
      },
    );
    done('succeeded');
  } catch (error) {
    done(`failed: ${asFailure(error).reason}`);
    throw error;
  } finally {
    client.close();
  }
}

/** What the command finds in its environment besides KUBECONFIG; docs/writing-a-success-command.md lists it. */
function verifyEnvironment(order: WorkOrder): Record<string, string> {
  const options = Object.entries(order.options).map(([name, value]) => [
    `PLUGIN_OPTION_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
    value,
  ]);
  const release = releaseOf(order);
  return {
    PINION_CLUSTER: order.cluster.name,
    PINION_CLUSTER_NAMESPACE: order.cluster.namespace,
    PINION_PLUGIN: order.plugin.name,
    PINION_TARGET_NAMESPACE: order.targetNamespace,
    ...(release === undefined ? {} : { PINION_RELEASE: release }),
    ...Object.fromEntries(options),
  };
}
