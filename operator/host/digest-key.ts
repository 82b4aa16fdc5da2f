import { createHmac, randomBytes } from 'node:crypto';
import { ReasonedError } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { secrets } from '#kube/resources.ts';

const NAME = 'pinion-digest-key';
const FIELD = 'key';
const BYTES = 32;

/** Replaces a text in a digest that everyone may read: equal for equal texts, without revealing them. */
export type Fingerprint = (text: string) => string;

/** @param key at least 32 secret random bytes */
export const fingerprintWith =
  (key: Uint8Array): Fingerprint =>
  (text) =>
    createHmac('sha256', key).update(text).digest('hex');

/**
 * Fingerprints with the key of the Secret `pinion-digest-key`, which is created when it is missing. The status shows
 * digests of what was installed, secret values included; from a plain hash a weak value could be guessed. The key is
 * read once per process.
 */
export class DigestKey {
  readonly #client: KubeClient;
  readonly #name: { namespace: string; name: string };
  #found: Fingerprint | undefined;

  constructor({ client, namespace }: { client: KubeClient; namespace: string }) {
    this.#client = client;
    this.#name = { namespace, name: NAME };
  }

  /** @throws ApiError; ReasonedError InvalidDigestKey */
  async fingerprint(): Promise<Fingerprint> {
    this.#found ??= fingerprintWith(await this.#readOrMake());
    return this.#found;
  }

  async #readOrMake(): Promise<Buffer> {
    const there = await ignoreNotFound(this.#client.get(secrets, this.#name));
    if (there) return this.#keyOf(there.data);
    const data = { [FIELD]: randomBytes(BYTES).toString('base64') };
    const labels = { 'app.kubernetes.io/part-of': 'pinion', 'app.kubernetes.io/component': 'operator' };
    const secret = { metadata: { ...this.#name, labels }, type: 'Opaque', immutable: true, data };
    const made = await ignoreAlreadyExists(this.#client.create(secrets, secret));
    return this.#keyOf((made ?? (await this.#client.get(secrets, this.#name))).data);
  }

  #keyOf(data: Record<string, string> | undefined): Buffer {
    const key = Buffer.from(data?.[FIELD] ?? '', 'base64');
    if (key.length >= BYTES) return key;
    const { namespace, name } = this.#name;
    throw new ReasonedError(
      'InvalidDigestKey',
      `Secret ${namespace}/${name} has no "${FIELD}" of ${BYTES} bytes; delete it; the operator creates a new one and reinstalls the plugins that have valuesFrom`,
    );
  }
}
