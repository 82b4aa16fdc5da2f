import { ReasonedError } from '#api/errors.ts';

/** The part of a `v1 Status` that is read. */
export type Status = {
  reason?: string;
  message?: string;
  code?: number;
  details?: { name?: string; kind?: string; retryAfterSeconds?: number; causes?: { message?: string }[] };
};

/** An error response of the API server. `code` is the HTTP status, 0 when there was no response. */
export class ApiError extends ReasonedError {
  readonly code: number;
  readonly status: Status;
  constructor(code: number, status: Status, doing: string, options?: ErrorOptions) {
    super(status.reason ?? reasonOf(code), `${doing}: ${status.message ?? `HTTP ${code}`}`, options);
    this.code = code;
    this.status = status;
  }
}

/** The cause of an ApiError: the response is larger than the limit. */
export class AnswerTooLarge extends Error {}

function reasonOf(code: number): string {
  switch (code) {
    case 0:
      return 'Unreachable';
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Expired';
    case 413:
      return 'RequestEntityTooLarge';
    case 422:
      return 'Invalid';
    case 429:
      return 'TooManyRequests';
    default:
      return code >= 500 ? 'InternalError' : 'BadRequest';
  }
}

const hasCode = (error: unknown, code: number): error is ApiError =>
  error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown) => hasCode(error, 404);
/** 409 on a create: the object already exists. */
export const isAlreadyExists = (error: unknown) =>
  hasCode(error, 409) && (error as ApiError).reason === 'AlreadyExists';
/** 409 on an update: another client wrote first, or a precondition failed. */
export const isConflict = (error: unknown) =>
  hasCode(error, 409) && (error as ApiError).reason !== 'AlreadyExists';
export const isInvalid = (error: unknown) => hasCode(error, 422);
export const isForbidden = (error: unknown) => hasCode(error, 403);
export const isUnreachable = (error: unknown) => hasCode(error, 0);
export const isTooLarge = (error: unknown) =>
  error instanceof ApiError && error.cause instanceof AnswerTooLarge;
/** The resourceVersion of a list or watch is too old: list again. */
export const isExpired = (error: unknown) => hasCode(error, 410);
/** The API server could not call an admission webhook, whose failurePolicy is Fail. */
export const isWebhookFailure = (error: unknown) =>
  hasCode(error, 500) && /failed calling webhook/.test((error as ApiError).message);

/** The value, or undefined for a 404. */
export const ignoreNotFound = <T>(promise: Promise<T>) => unless(isNotFound, promise);
/** The value, or undefined for a 404 or a failed precondition: the object was replaced or changed since. */
export const ignoreStale = <T>(promise: Promise<T>) =>
  unless((error) => isNotFound(error) || isConflict(error), promise);
/** The value, or undefined when the object to create already exists. */
export const ignoreAlreadyExists = <T>(promise: Promise<T>) => unless(isAlreadyExists, promise);

async function unless<T>(expected: (error: unknown) => boolean, promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (expected(error)) return undefined;
    throw error;
  }
}
