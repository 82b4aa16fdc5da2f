/** What the global setups give to every test of integration and e2e. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of an admin kubeconfig of the cluster under test. */
    kubeconfig: string;
    /** The executor's image, as the cluster pulls it; e2e only. */
    executorImage: string;
  }
}

export {};
