import type { Case } from './case.ts';
import { CUSTOM } from './custom.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { OTHERS } from './others.ts';
import { SETS } from './sets.ts';

/** What `../readiness.test.ts` asks helm and the executor about. */
export const CASES: readonly Case[] = [...DEPLOYMENTS, ...SETS, ...OTHERS, ...CUSTOM];
