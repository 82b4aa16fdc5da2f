import { ReasonedError } from '#api/errors.ts';
import { decodeText, NotText } from '#api/text.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type KubeObject, type ObjectName, objectKey, type Resource } from '#kube/resource.ts';
import { type ConfigMap, configMaps, type Secret, secrets } from '#kube/resources.ts';
import { TtlCache } from '#kube/ttl-cache.ts';

/** Covers the burst of reconciles after one change, and is too short to delay the next change noticeably. */
const TTL_MS = 3_000;
const MAX_ENTRIES = 256;

/** Reads the objects that specs refer to. An object is remembered for a moment; a missing one never is. */
export class ReferenceReader {
  readonly #client: KubeClient;
  readonly #objects: TtlCache<KubeObject | undefined>;

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#objects = new TtlCache({
      clock,
      ttlMs: TTL_MS,
      maxEntries: MAX_ENTRIES,
      isWorthKeeping: (object) => object !== undefined,
    });
  }

  /**
   * The decoded value of one key of a Secret.
   * @throws ReasonedError SecretNotFound, KeyNotFound, KeyNotText; the message names `field`, never a value.
   */
  async secretKey(name: ObjectName, key: string, field: string): Promise<string> {
    const secret = await this.find<Secret>(secrets, name);
    const where = { name, key, field };
    return textOf(keyOf(secret, 'Secret', where), 'Secret', where);
  }

  /**
   * The value of one key of a ConfigMap. kubectl stores a file that is not UTF-8 as binaryData.
   * @throws ReasonedError ConfigMapNotFound, KeyNotFound, KeyNotText
   */
  async configMapKey(name: ObjectName, key: string, field: string): Promise<string> {
    const configMap = await this.find<ConfigMap>(configMaps, name);
    const binary = configMap?.binaryData?.[key];
    if (binary !== undefined) return textOf(binary, 'ConfigMap', { name, key, field });
    return keyOf(configMap, 'ConfigMap', { name, key, field });
  }

  /** The object, or undefined when it does not exist. @throws ApiError for anything but a 404 */
  async find<T extends KubeObject>(resource: Resource<T>, name: ObjectName): Promise<T | undefined> {
    const key = `${resource.plural}/${objectKey(name)}`;
    const object = await this.#objects.get(key, () => ignoreNotFound(this.#client.get(resource, name)));
    return object as T | undefined;
  }
}

type Where = { name: ObjectName; key: string; field: string };

function textOf(base64: string, kind: 'Secret' | 'ConfigMap', { name, key, field }: Where): string {
  try {
    return decodeText(Buffer.from(base64, 'base64'));
  } catch (cause) {
    if (!(cause instanceof NotText)) throw cause;
    throw new ReasonedError(
      'KeyNotText',
      `${field}: key "${key}" of ${kind} ${objectKey(name)} is neither UTF-8 nor UTF-16 at line ${cause.line}; save the file as UTF-8 and store it again`,
    );
  }
}

function keyOf(
  object: Secret | ConfigMap | undefined,
  kind: 'Secret' | 'ConfigMap',
  { name, key, field }: Where,
): string {
  const where = objectKey(name);
  if (!object) throw new ReasonedError(`${kind}NotFound`, `${field}: no ${kind} ${where}; create it`);
  const value = object.data?.[key];
  if (value !== undefined) return value;
  const keys = Object.keys(object.data ?? {}).join(', ') || 'none';
  throw new ReasonedError(
    'KeyNotFound',
    `${field}: ${kind} ${where} has no key "${key}" (it has: ${keys}); add it`,
  );
}
