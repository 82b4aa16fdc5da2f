import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '#api/contract/report.ts';
import type { Action, WorkOrder } from '#api/contract/work-order.ts';
import { toolEnvironment } from '../command/environment.ts';
import type { Config } from '../config.ts';
import { asFailure } from '../failure.ts';
import type { Redactor } from '../log/redactor.ts';
import { addTargetSecrets, addValuesSecrets } from '../log/secrets.ts';
import type { Program } from '../program.ts';
import { copyKubeconfig } from '../target/kubeconfig.ts';
import { readOrder } from './read-order.ts';
import type { RunAction, Work } from './work.ts';

/** What each action does: a file and a row. Only the one that is needed is loaded. */
const ACTIONS: Record<Action, () => Promise<RunAction>> = {
  install: async () => (await import('./install.ts')).install,
};

/** Reads the work order and carries out its action. Never throws: the report says what failed. */
export async function runOrder(program: Program): Promise<Report> {
  try {
    const work = await prepare(program);
    const action = await ACTIONS[work.order.action]();
    return await action(work);
  } catch (error) {
    const { reason, message } = asFailure(error);
    return { step: 'install', reason, message };
  }
}

/** From here on every secret of the kubeconfig and of the values is redacted. */
async function prepare(program: Program): Promise<Work> {
  const { config, redactor } = program;
  const { memory, scratch, path } = config;
  const { path: kubeconfig, target } = await copyKubeconfig(config.order, memory);
  addTargetSecrets(redactor, target);
  const order = await readOrder(config.order);
  await redactValues(redactor, config, order);
  const env = await toolEnvironment({ memory, scratch, path, kubeconfig });
  return { ...program, order, target, env };
}

async function redactValues(redactor: Redactor, config: Config, { install }: WorkOrder): Promise<void> {
  if (!('valuesFiles' in install)) return;
  for (const file of install.valuesFiles) {
    if (file.from !== 'order' || !file.secret) continue;
    addValuesSecrets(redactor, await readFile(join(config.order, file.key), 'utf8'));
  }
}
