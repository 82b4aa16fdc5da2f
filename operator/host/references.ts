import { ReasonedError } from '#api/errors.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { type KubeObject, type ObjectName, objectKey, type Resource } from '#kube/resource.ts';
import { type ConfigMap, configMaps, type Secret, secrets } from '#kube/resources.ts';

/** Long enough for the burst of reconciles of one change, short enough that nobody waits for it. */
const MEMORY_MS = 3_000;
const MEMORY_SIZE = 256;

/** Reads what specs refer to. What is there is remembered for a moment; what is missing never is. */
export class ReferenceReader {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #memory = new Map<string, { object: KubeObject; until: number }>();

  constructor({ client, clock }: { client: KubeClient; clock: Clock }) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws ReasonedError SecretNotFound, KeyNotFound; the message names `field`, never a value. */
  async secretKey(name: ObjectName, key: string, field: string): Promise<string> {
    const secret = await this.find<Secret>(secrets, name);
    return Buffer.from(keyOf(secret, 'Secret', { name, key, field }), 'base64').toString('utf8');
  }

  /** @throws ReasonedError ConfigMapNotFound, KeyNotFound */
  async configMapKey(name: ObjectName, key: string, field: string): Promise<string> {
    const configMap = await this.find<ConfigMap>(configMaps, name);
    return keyOf(configMap, 'ConfigMap', { name, key, field });
  }

  async find<T extends KubeObject>(of: Resource<T>, name: ObjectName): Promise<T | undefined> {
    const id = `${of.plural}/${objectKey(name)}`;
    const now = this.#clock.now();
    const held = this.#memory.get(id);
    if (held && held.until > now) return held.object as T;
    const object = await ignoreNotFound(this.#client.get(of, name));
    if (this.#memory.size >= MEMORY_SIZE) this.#memory.clear();
    if (object) this.#memory.set(id, { object, until: now + MEMORY_MS });
    else this.#memory.delete(id);
    return object;
  }
}

function keyOf(
  object: Secret | ConfigMap | undefined,
  kind: 'Secret' | 'ConfigMap',
  { name, key, field }: { name: ObjectName; key: string; field: string },
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
