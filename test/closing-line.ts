import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with `N passed, N failed, N skipped`, the line that scripts read. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) if (state !== 'pending') counts[state]++;
      // A failed import or hook: its tests were skipped, so none of them failed.
      if (module.state() === 'failed' && !states.includes('failed')) counts.failed++;
    }
    // `make test` checks types, lint and dead code before it runs the tests.
    const failedCheck = process.env['CHECK_FAILED'];
    if (failedCheck) {
      counts.failed++;
      console.log(`npm run check failed:\n${failedCheck}`);
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
