import { expect, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { changes } from './follow.ts';

const cluster = (phase: 'Installing' | 'Installed', reason?: string) =>
  ({
    status: {
      phase: 'AllNodeReady',
      pluginsReady: '0/1',
      plugins: [{ name: 'web', phase, ...(reason ? { reason } : {}) }],
    },
  }) as VirtualCluster;

test('changes reports every change once', () => {
  const seen = new Map<string, string>();
  expect(changes(cluster('Installing', 'Fetching'), seen)).toEqual([
    'plugin web         Installing · Fetching',
    'VirtualCluster     AllNodeReady 0/1',
  ]);
  expect(changes(cluster('Installing', 'Fetching'), seen)).toEqual([]);
  expect(changes(cluster('Installed', 'Succeeded'), seen)).toEqual(['plugin web         Installed']);
});
