import { defineConfig } from 'vitest/config';

/** unit stands beside the code; integration needs an API server, e2e a cluster. */
export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{api,bench,kube,operator,webhook,executor,node-agent,local,deploy,images,test,dev}/**/*.test.ts',
          ],
          exclude: ['test/integration/**', 'test/e2e/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/integration/setup.ts'],
          // Limits of waiting, not of speed: two cores may be shared with a cluster and with builds.
          testTimeout: 240_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          // After the others: what it measures of a cluster should not share the machine with them.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
