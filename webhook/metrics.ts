import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of the webhook. */
export class Metrics {
  readonly registry = new Registry();
  readonly #duration = new Histogram({
    name: 'pinion_admission_duration_seconds',
    help: 'Duration of an admission request.',
    labelNames: ['path'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: 'pinion_admission_requests_total',
    help: 'Admission requests by result: allowed, refused, malformed, too_large, overloaded, error.',
    labelNames: ['path', 'result'],
    registers: [this.registry],
  });
  readonly #expiry = new Gauge({
    name: 'pinion_certificate_expiry_timestamp_seconds',
    help: 'Expiry of a certificate of the webhook, in Unix time.',
    labelNames: ['certificate'],
    registers: [this.registry],
  });

  constructor({ process = false }: { process?: boolean } = {}) {
    if (process) collectDefaultMetrics({ register: this.registry });
  }

  /** Starts the timer of one request; call the returned function with its result. */
  startAdmission(path: string): (result: string) => void {
    const stop = this.#duration.startTimer({ path });
    return (result) => {
      stop();
      this.#requests.inc({ path, result });
    };
  }

  certificateExpires(certificate: 'ca' | 'leaf', atMs: number): void {
    this.#expiry.set({ certificate }, atMs / 1000);
  }
}
