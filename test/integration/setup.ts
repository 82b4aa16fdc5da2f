import type { TestProject } from 'vitest/node';
import { startApiServer } from './apiserver.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the kubeconfig of the cluster under test; its user may do everything. */
    kubeconfig: string;
  }
}

/** One API server with controllers for all integration tests: each test file uses namespaces of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startApiServer({ controllerManager: true });
  project.provide('kubeconfig', server.kubeconfig);
  return server.stop;
}
