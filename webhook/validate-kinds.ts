import { isDeepStrictEqual } from 'node:util';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Settings } from '#api/settings.ts';
import { describeProblems, type Validation, validateCluster, validatePlugin } from '#api/validation/index.ts';
import { type Reference, referencesOfCluster, referencesOfPlugin } from '#api/validation/references.ts';
import type { AdmissionRequest, Reviewer, Verdict } from './admission/review.ts';
import type { ReferenceChecker } from './references.ts';

export type KindReviewOptions = { settings: Settings; checkReferences: ReferenceChecker };

/** Reviews VirtualClusters and VirtualClusterPlugins: refuses invalid ones, and warns of likely mistakes and missing references. */
export function kindReviewer(options: KindReviewOptions): Reviewer {
  return async (request) => {
    if (!needsReview(request)) return { allowed: true };
    const { name = '', namespace = '' } = request;
    // With generateName the object has no name yet. Look-ups use the request's namespace, which the caller has rights in.
    const object = {
      ...request.object,
      metadata: { name, ...(request.object?.['metadata'] as object | undefined), namespace },
    };
    const kind = kindOf(request, object, options.settings);
    return kind === undefined ? { allowed: true } : verdictOf(kind, options.checkReferences);
  };
}

/** Changes of metadata pass: a finalizer must be removable even when the rules have become stricter. */
function needsReview({ operation, object, oldObject }: AdmissionRequest): boolean {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
  return !(operation === 'UPDATE' && isDeepStrictEqual(object?.['spec'], oldObject?.['spec']));
}

type Reviewed = { validation: Validation; references: () => Reference[] };

function kindOf(request: AdmissionRequest, object: object, settings: Settings): Reviewed | undefined {
  switch (request.kind.kind) {
    case 'VirtualCluster': {
      const cluster = object as VirtualCluster;
      return { validation: validateCluster(cluster), references: () => referencesOfCluster(cluster) };
    }
    case 'VirtualClusterPlugin': {
      const plugin = object as VirtualClusterPlugin;
      return {
        validation: validatePlugin(plugin, settings),
        references: () => referencesOfPlugin(plugin, settings),
      };
    }
    default:
      return undefined;
  }
}

async function verdictOf({ validation, references }: Reviewed, check: ReferenceChecker): Promise<Verdict> {
  const { errors, warnings } = validation;
  if (errors.length > 0) {
    return { allowed: false, reason: 'Invalid', message: describeProblems(errors), warnings };
  }
  return { allowed: true, warnings: [...warnings, ...(await check(references()))] };
}
