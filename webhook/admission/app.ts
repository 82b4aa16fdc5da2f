import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { ZodError } from 'zod';
import type { Log } from '#kube/log.ts';
import type { Metrics } from '../metrics.ts';
import { answerTo } from './response.ts';
import { parseReview, type Reviewer, refusalOfOtherNamespace } from './review.ts';

/** More than twice (old and new) the largest object that etcd accepts, in JSON. */
const BODY_LIMIT = 7 * 1024 * 1024;

/** Reviews at once, over all paths; and requests, most of which wait for a slow caller's body. */
const REVIEWS = 64;
const REQUESTS = 256;

/**
 * The HTTP frame around reviewers: decodes, reviews, answers 200 with the request's uid. 400 for a body that is not an
 * AdmissionReview, 413 for one that is too large, 429 above the limit of reviews, 500 for a bug; none ends the program.
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
      const asked = parseReview(request.body);
      const reviewing = refusalOfOtherNamespace(asked) ?? review(asked);
      response.locals['reviewing'] = reviewing;
      const verdict = await reviewing;
      response.locals['allowed'] = verdict.allowed;
      const { operation, namespace, name } = asked;
      const about = { path, uid: asked.uid, kind: asked.kind.kind, operation, namespace, name };
      if (verdict.allowed) log.debug(about, 'allowed');
      else log.info({ ...about, reason: verdict.reason, message: verdict.message }, 'refused');
      response.json(answerTo(asked, verdict));
    });
  }
  app.use(onError(log));
  return app;
}

/** Answers requests above the limit at once. API servers retry them because of the Retry-After header. */
function atMost(limit: number): RequestHandler {
  let inWork = 0;
  return (_request, response, next) => {
    if (inWork >= limit) {
      response.status(429).set('retry-after', '1').send('too many requests at once; retry\n');
      return;
    }
    inWork++;
    response.on('close', async () => {
      // A review continues when its caller has hung up.
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
  return { status: 500, text: 'the webhook failed; its log says why' };
}
