import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ORDER_KEYS } from '#api/contract/job.ts';
import { type WorkOrder, workOrder } from '#api/contract/work-order.ts';
import { Failure } from '../failure.ts';
import { explainParseError } from '../parse-error.ts';

/** Reads order.json. @throws Failure `Usage` */
export async function readOrder(directory: string): Promise<WorkOrder> {
  const path = join(directory, ORDER_KEYS.order);
  try {
    return workOrder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Failure('Usage', `no valid work order at ${path}: ${explainParseError(cause)}`, { cause });
  }
}
