import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  DIRECTORY,
  FETCH_ENVIRONMENT,
  IDENTITY_ENVIRONMENT,
  LOG_FORMAT_ENVIRONMENT,
  type LogFormat,
} from '#api/contract/job.ts';
import type { Slot } from '#api/contract/slots.ts';
import type { Place } from '#api/contract/work-order.ts';

/** Everything that the executor takes from its surroundings, read once. */
export type Config = {
  order: string;
  memory: string;
  /** Room on disk, for what is unpacked. */
  scratch: string;
  source: (place: Place) => string;
  credentials: (slot: Slot) => string;
  terminationLog: string;
  /** Who holds the Lease: the pod's name. */
  identity: string;
  logFormat: LogFormat;
  path: string;
  fetchOrder: string | undefined;
};

/** Where the image has the packages that ship with Pinion: images/executor/Dockerfile. */
const CATALOGUE = '/app/catalogue';

/**
 * Reads the environment. For tests, `PINION_DIRECTORY` stands for the parent of all directories of `DIRECTORY`
 * and of the catalogue, and `PINION_TERMINATION_LOG` for /dev/termination-log.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const root = environment['PINION_DIRECTORY'];
  const at = (directory: string) =>
    root === undefined ? directory : directory.replace(/^\/run\/pinion/, root);
  const catalogue = root === undefined ? CATALOGUE : join(root, 'catalogue');
  return {
    order: at(DIRECTORY.order),
    memory: at(DIRECTORY.memory),
    scratch: root === undefined ? '/tmp' : join(root, 'scratch'),
    source: (place) => (place === 'catalogue' ? catalogue : join(at(DIRECTORY.sources), place)),
    credentials: (slot) => join(at(DIRECTORY.credentials), slot),
    terminationLog: environment['PINION_TERMINATION_LOG'] ?? '/dev/termination-log',
    identity: environment[IDENTITY_ENVIRONMENT] || hostname(),
    logFormat: environment[LOG_FORMAT_ENVIRONMENT] === 'json' ? 'json' : 'text',
    path: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    fetchOrder: environment[FETCH_ENVIRONMENT],
  };
}
