import express, { type ErrorRequestHandler, type Express } from 'express';
import { ZodError } from 'zod';
import type { Log } from '#kube/log.ts';
import type { Metrics } from '../metrics.ts';
import { answerTo } from './response.ts';
import { parseReview, type Reviewer } from './review.ts';

/** Above the largest object that etcd takes, twice (old and new), in JSON. */
const BODY_LIMIT = 7 * 1024 * 1024;

/**
 * The HTTP frame around reviewers: decodes, asks, answers 200 with the request's uid. 400 for what is no
 * AdmissionReview, 413 for one that is too large, 500 for a bug; none of them ends the program.
 */
export function admissionApp(
  reviewers: Record<string, Reviewer>,
  { metrics, log }: { metrics: Metrics; log: Log },
): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((request, response, next) => {
    const path = Object.hasOwn(reviewers, request.path) ? request.path : 'other';
    const observe = metrics.startAdmission(path);
    response.on('finish', () => observe(resultOf(response.statusCode, response.locals['allowed'])));
    next();
  });
  app.use(express.json({ limit: BODY_LIMIT, inflate: false }));
  for (const [path, review] of Object.entries(reviewers)) {
    app.post(path, async (request, response) => {
      const asked = parseReview(request.body);
      const verdict = await review(asked);
      response.locals['allowed'] = verdict.allowed;
      const { operation, namespace, name } = asked;
      const about = { path, uid: asked.uid, kind: asked.kind.kind, operation, namespace, name };
      if (verdict.allowed) log.debug(about, 'allowed');
      else log.info({ ...about, reason: verdict.reason, message: verdict.message }, 'refused');
      response.json(answerTo(asked, verdict));
    });
  }
  app.use((_request, response) => {
    response.status(404).send(`unknown path; expected POST ${Object.keys(reviewers).join(' or ')}\n`);
  });
  app.use(onError(log));
  return app;
}

type Result = 'allowed' | 'refused' | 'malformed' | 'too_large' | 'error';

function resultOf(status: number, allowed: unknown): Result {
  if (status === 200) return allowed === true ? 'allowed' : 'refused';
  if (status === 413) return 'too_large';
  return status >= 500 ? 'error' : 'malformed';
}

const onError =
  (log: Log): ErrorRequestHandler =>
  (error: Error & { status?: number }, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, text } = describeError(error);
    const about = { path: request.path, status, error: error.message };
    if (status >= 500) log.error({ ...about, stack: error.stack }, 'bug');
    else log.warn(about, 'not an AdmissionReview');
    response.status(status).send(`${text}\n`);
  };

function describeError(error: Error & { status?: number }): { status: number; text: string } {
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return {
      status: 400,
      text: `not an AdmissionReview of admission.k8s.io/v1: ${issue?.path.join('.') || 'body'}: ${issue?.message}`,
    };
  }
  const { status } = error;
  if (status === 413) return { status, text: `the body is larger than ${BODY_LIMIT} bytes` };
  if (status !== undefined && status >= 400 && status < 500) return { status, text: error.message };
  return { status: 500, text: 'the webhook failed; its log says why' };
}
