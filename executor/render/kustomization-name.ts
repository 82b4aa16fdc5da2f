/** Whether a file of this name makes its directory a kustomization. */
export const isKustomizationName = (name: string): boolean =>
  /^(kustomization\.ya?ml|Kustomization)$/.test(name);
