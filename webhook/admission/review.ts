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

/** What an API server asks; only what Pinion reads of it. */
export type AdmissionRequest = z.infer<typeof admissionReview>['request'];

/** What a reviewer answers: `object` is the changed one, absent when nothing was changed. */
export type Verdict =
  | { allowed: true; warnings?: string[]; object?: object }
  | { allowed: false; reason: string; message: string; warnings?: string[] };

export type Reviewer = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

/**
 * The refusal of a review that no API server sends: it names an object's namespace in the request, and has filled it
 * in where the body has none. Rights were asked for the request's, so only that may be looked into.
 */
export function refusalOfOtherNamespace(request: AdmissionRequest): Verdict | undefined {
  const { namespace = '', object, oldObject } = request;
  const other = [object, oldObject].map(namespaceOf).find((one) => one !== '' && one !== namespace);
  if (other === undefined) return undefined;
  const message = `metadata.namespace ${JSON.stringify(other)} is not the namespace of the request, "${namespace}"`;
  return { allowed: false, reason: 'Invalid', message };
}

const namespaceOf = (object: AdmissionRequest['object']): unknown =>
  (object?.['metadata'] as { namespace?: unknown } | null | undefined)?.namespace ?? '';

/** @throws ZodError when the body is no AdmissionReview. */
export const parseReview = (body: unknown): AdmissionRequest => admissionReview.parse(body).request;
