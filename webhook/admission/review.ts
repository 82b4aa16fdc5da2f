import { z } from 'zod';

const admissionReview = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    kind: z.object({ group: z.string(), version: z.string(), kind: z.string() }),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    namespace: z.string().optional(),
    name: z.string().optional(),
    userInfo: z.object({ username: z.string().optional() }).optional(),
    object: z.record(z.string(), z.unknown()).nullish(),
    oldObject: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** The request of an API server, as far as Pinion reads it. */
export type AdmissionRequest = z.infer<typeof admissionReview>['request'];

/** The decision of a reviewer; `object` is the changed object, absent when nothing was changed. */
export type Verdict =
  | { allowed: true; warnings?: string[]; object?: object }
  | { allowed: false; reason: string; message: string; warnings?: string[] };

export type Reviewer = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

/**
 * The refusal of a request whose object is in another namespace than the request. API servers never send one: they check
 * the caller's rights in the request's namespace, so reviewers may only look there.
 */
export function refusalOfOtherNamespace(request: AdmissionRequest): Verdict | undefined {
  const { namespace = '', object, oldObject } = request;
  const other = [object, oldObject].map(namespaceOf).find((value) => value !== '' && value !== namespace);
  if (other === undefined) return undefined;
  const message = `metadata.namespace ${JSON.stringify(other)} is not the namespace of the request, "${namespace}"`;
  return { allowed: false, reason: 'Invalid', message };
}

const namespaceOf = (object: AdmissionRequest['object']): unknown =>
  (object?.['metadata'] as { namespace?: unknown } | null | undefined)?.namespace ?? '';

/** @throws ZodError when the body is not an AdmissionReview */
export const parseReview = (body: unknown): AdmissionRequest => admissionReview.parse(body).request;
