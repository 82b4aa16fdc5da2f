import { AGENT_AUTHORITY, AGENT_COMPONENT, AGENT_NAMESPACE } from '#api/contract/host-agent.ts';
import { issueAuthority, issueCertificate, type Pair } from '#kube/certificates/issue.ts';
import { isDue } from '#kube/certificates/judge.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { configMaps, secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';

const DAY_MS = 24 * 3_600_000;
/** A node that is a tenant's hears of no new authority: this one outlives every tenant. */
const AUTHORITY_LIFE_MS = 20 * 365 * DAY_MS;
const CLIENT_LIFE_MS = 30 * DAY_MS;
const SECRET = 'pinion-node-agent-authority';
const LABELS = { 'app.kubernetes.io/part-of': 'pinion', 'app.kubernetes.io/component': AGENT_COMPONENT };

type Options = { client: KubeClient; clock: Clock; namespace: string };

/** By what the operator proves to node agents that it is the operator. It is good for nothing else. */
export class AgentAuthority {
  readonly #options: Options;
  #authority: Promise<Pair> | undefined;
  #client: Pair | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Makes the authority, and tells the agents of it, unless that was done. @throws ApiError */
  ensure(): Promise<Pair> {
    this.#authority ??= this.#readOrMake();
    this.#authority.catch(() => {
      this.#authority = undefined;
    });
    return this.#authority;
  }

  /** The operator's client certificate: made when the program needs it, and kept nowhere. */
  async clientPair(): Promise<Pair> {
    const now = this.#options.clock.now();
    if (!this.#client || isDue(this.#client.cert, now)) {
      const leaf = { commonName: 'pinion-operator', usages: ['client'] } as const;
      this.#client = await issueCertificate(await this.ensure(), leaf, { now, lifeMs: CLIENT_LIFE_MS });
    }
    return this.#client;
  }

  async #readOrMake(): Promise<Pair> {
    const authority = (await this.#read()) ?? (await this.#make());
    const { name, key } = AGENT_AUTHORITY;
    const metadata = { namespace: AGENT_NAMESPACE, name, labels: LABELS };
    const there = await ignoreNotFound(this.#options.client.get(configMaps, metadata));
    if (there?.data?.[key] === authority.cert) return authority;
    if (there) await this.#options.client.delete(configMaps, metadata);
    await ignoreAlreadyExists(
      this.#options.client.create(configMaps, { metadata, data: { [key]: authority.cert } }),
    );
    return authority;
  }

  async #read(): Promise<Pair | undefined> {
    const { client, namespace } = this.#options;
    const secret = await ignoreNotFound(client.get(secrets, { namespace, name: SECRET }));
    const { 'tls.crt': cert = '', 'tls.key': key = '' } = textsIn(secret);
    return secret && { cert, key };
  }

  async #make(): Promise<Pair> {
    const { client, namespace, clock } = this.#options;
    const life = { now: clock.now(), lifeMs: AUTHORITY_LIFE_MS };
    const { cert, key } = await issueAuthority('pinion-node-agent', life);
    const data = dataOf({ 'tls.crt': cert, 'tls.key': key });
    const metadata = { namespace, name: SECRET, labels: LABELS };
    await ignoreAlreadyExists(client.create(secrets, { metadata, type: 'kubernetes.io/tls', data }));
    // Another replica may have been first.
    return (await this.#read()) ?? { cert, key };
  }
}
