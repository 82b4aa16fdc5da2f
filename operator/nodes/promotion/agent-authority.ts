import { AGENT_AUTHORITY, AGENT_COMPONENT, AGENT_NAMESPACE } from '#api/contract/host-agent.ts';
import { issueAuthority, issueCertificate, type Pair } from '#kube/certificates/issue.ts';
import { isDue } from '#kube/certificates/judge.ts';
import type { KubeClient } from '#kube/client.ts';
import type { Clock } from '#kube/clock.ts';
import { ignoreAlreadyExists, ignoreNotFound } from '#kube/errors.ts';
import { configMaps, secrets } from '#kube/resources.ts';
import { dataOf, textsIn } from '#kube/secret-data.ts';

const DAY_MS = 24 * 3_600_000;
/** A promoted machine never learns of a new CA, so this one has to outlive every tenant. */
const AUTHORITY_LIFE_MS = 20 * 365 * DAY_MS;
const CLIENT_LIFE_MS = 30 * DAY_MS;
const SECRET = 'pinion-node-agent-authority';
const LABELS = { 'app.kubernetes.io/part-of': 'pinion', 'app.kubernetes.io/component': AGENT_COMPONENT };

type Options = { client: KubeClient; clock: Clock; namespace: string };

/** The CA of the client certificates by which node agents recognise the operator. It signs nothing else. */
export class AgentAuthority {
  readonly #options: Options;
  #authority: Promise<Pair> | undefined;
  #client: Pair | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Creates the CA and publishes its certificate to the agents, once. @throws ApiError */
  ensure(): Promise<Pair> {
    this.#authority ??= this.#readOrCreate();
    this.#authority.catch(() => {
      this.#authority = undefined;
    });
    return this.#authority;
  }

  /** The operator's client certificate. It is issued on demand and held in memory only. @throws ApiError */
  async clientPair(): Promise<Pair> {
    const now = this.#options.clock.now();
    if (!this.#client || isDue(this.#client.cert, now)) {
      const leaf = { commonName: 'pinion-operator', usages: ['client'] } as const;
      this.#client = await issueCertificate(await this.ensure(), leaf, { now, lifeMs: CLIENT_LIFE_MS });
    }
    return this.#client;
  }

  async #readOrCreate(): Promise<Pair> {
    const authority = (await this.#read()) ?? (await this.#create());
    const { name, key } = AGENT_AUTHORITY;
    const metadata = { namespace: AGENT_NAMESPACE, name, labels: LABELS };
    const published = await ignoreNotFound(this.#options.client.get(configMaps, metadata));
    if (published?.data?.[key] === authority.cert) return authority;
    if (published) await this.#options.client.delete(configMaps, metadata);
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

  async #create(): Promise<Pair> {
    const { client, namespace, clock } = this.#options;
    const life = { now: clock.now(), lifeMs: AUTHORITY_LIFE_MS };
    const { cert, key } = await issueAuthority('pinion-node-agent', life);
    const data = dataOf({ 'tls.crt': cert, 'tls.key': key });
    const metadata = { namespace, name: SECRET, labels: LABELS };
    await ignoreAlreadyExists(client.create(secrets, { metadata, type: 'kubernetes.io/tls', data }));
    // Another replica may have created the Secret first.
    return (await this.#read()) ?? { cert, key };
  }
}
