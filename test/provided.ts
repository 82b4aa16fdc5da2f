/** Values that the global setups provide to every integration and e2e test. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of an admin kubeconfig of the cluster under test. */
    kubeconfig: string;
    /** The executor's image, as the cluster pulls it; e2e only. */
    executorImage: string;
  }
}

export {};
