import { dump } from 'js-yaml';
import { customResourceDefinitions } from '#api/kinds/crd.ts';

const HEADER = '# Generated from api/ by `npm run generate`. Do not edit.\n';

/** The files of deploy/crds by name, generated from the schemas. */
export function crdFiles(): Record<string, string> {
  const definitions = customResourceDefinitions();
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: Object.keys(definitions),
  };
  return Object.fromEntries(
    Object.entries({ ...definitions, 'kustomization.yaml': kustomization }).map(([name, object]) => [
      name,
      HEADER + dump(object, { lineWidth: 110, noRefs: true }),
    ]),
  );
}
