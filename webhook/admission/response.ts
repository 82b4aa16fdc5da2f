import patches from 'fast-json-patch';
import type { AdmissionRequest, Verdict } from './review.ts';

/** Longer warnings are cut, because the API server drops warnings beyond 4 KiB in total. */
const WARNING_LENGTH = 512;

/** The AdmissionReview that answers a request, with a JSON patch against the object that was sent. */
export function responseTo(request: AdmissionRequest, verdict: Verdict): object {
  const warnings = (verdict.warnings ?? []).map((text) => text.slice(0, WARNING_LENGTH));
  const common = { uid: request.uid, allowed: verdict.allowed, ...(warnings.length > 0 && { warnings }) };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { ...common, ...outcome(request, verdict) },
  };
}

function outcome(request: AdmissionRequest, verdict: Verdict): object {
  if (!verdict.allowed) {
    return { status: { status: 'Failure', code: 422, reason: verdict.reason, message: verdict.message } };
  }
  if (verdict.object === undefined) return {};
  const patch = patches.compare(request.object ?? {}, verdict.object);
  if (patch.length === 0) return {};
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
}
