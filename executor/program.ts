import type { Config } from './config.ts';
import type { Log } from './log/log.ts';
import type { Redactor } from './log/redactor.ts';
import type { Termination } from './termination.ts';

/** What `main.ts` makes once and every command gets. */
export type Program = { config: Config; log: Log; redactor: Redactor; termination: Termination };
