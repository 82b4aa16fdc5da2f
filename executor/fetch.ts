import type { Report } from '#api/report.ts';
import type { Deps } from './install.ts';

export async function fetchSources(_deps: Deps): Promise<Report> {
  return { step: 'fetch', reason: 'Internal', message: 'not there yet' };
}
