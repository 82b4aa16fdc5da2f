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

/** @throws ZodError when the body is no AdmissionReview. */
export const parseReview = (body: unknown): AdmissionRequest => admissionReview.parse(body).request;
