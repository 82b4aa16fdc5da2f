import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { ZodError } from 'zod';
import type { Log } from '#kube/log.ts';
import type { Metrics } from '../metrics.ts';
import { responseTo } from './response.ts';
import { parseReview, type Reviewer, refusalOfOtherNamespace } from './review.ts';

/** Above the largest object that etcd stores, twice (old and new), as JSON. */
const BODY_LIMIT = 7 * 1024 * 1024;

/** Limit of concurrent reviews over all paths, and of requests, most of which wait for a slow caller's body. */
const REVIEWS = 64;
const REQUESTS = 256;

/**
 * The HTTP server around reviewers: decodes the request, calls the reviewer, responds 200 with the request's uid. It responds
 * 400 when the body is not an AdmissionReview, 413 when it is too large, 429 beyond the limits and 500 on a bug.
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
  const paths = Object.keys(reviewers);
  app.use((request, response, next) => {
    if (request.method === 'POST' && Object.hasOwn(reviewers, request.path)) return next();
    response.status(404).send(`unknown path; expected POST ${paths.join(' or ')}\n`);
  });
  app.use(atMost(REQUESTS), express.json({ limit: BODY_LIMIT, inflate: false }), atMost(REVIEWS));
  for (const [path, review] of Object.entries(reviewers)) {
    app.post(path, async (request, response) => {
      const admission = parseReview(request.body);
      const reviewing = refusalOfOtherNamespace(admission) ?? review(admission);
      response.locals['reviewing'] = reviewing;
      const verdict = await reviewing;
      response.locals['allowed'] = verdict.allowed;
      const { operation, namespace, name } = admission;
      const about = { path, uid: admission.uid, kind: admission.kind.kind, operation, namespace, name };
      if (verdict.allowed) log.debug(about, 'allowed');
      else log.info({ ...about, reason: verdict.reason, message: verdict.message }, 'refused');
      response.json(responseTo(admission, verdict));
    });
  }
  app.use(onError(log));
  return app;
}

/** Responds 429 at once beyond the limit; API servers retry after the time in Retry-After. */
function atMost(limit: number): RequestHandler {
  let inWork = 0;
  return (_request, response, next) => {
    if (inWork >= limit) {
      response.status(429).set('retry-after', '1').send('too many requests at once; retry\n');
      return;
    }
    inWork++;
    response.on('close', async () => {
      // The review continues when the caller hangs up.
      await Promise.allSettled([response.locals['reviewing']]);
      inWork--;
    });
    next();
  };
}

type Result = 'allowed' | 'refused' | 'malformed' | 'too_large' | 'overloaded' | 'error';

function resultOf(status: number, allowed: unknown): Result {
  if (status === 200) return allowed === true ? 'allowed' : 'refused';
  if (status === 413) return 'too_large';
  if (status === 429) return 'overloaded';
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
  return { status: 500, text: 'internal error; see the log of the webhook' };
}
