import type { Socket } from 'node:net';
import { topicFor } from '@headcount/shared';
import type { Client, ConnectPacket, PublishPacket } from 'aedes';
import { clientCertificate } from '../pki/client-certificate.js';
import { Attempts } from '../security/attempts.js';
import { hashSecret, newSecret, secretMatches } from '../security/secrets.js';
import { isAllowed, type Peer } from './authorization.js';
import type { ProbeIdentity } from './probe.js';
import type { RefusalLog } from './refusals.js';
import type { Traffic } from './traffic.js';

/**
 * Wrong passwords of one gateway at one address before it has to wait. The second limit is for the whole address and
 * far higher: a site has one address, and one gateway with a wrong password must not shut out its neighbours.
 */
const WRONG_PER_GATEWAY = { limit: 20, windowMs: 5 * 60_000 };
const WRONG_PER_ADDRESS = { limit: 300, windowMs: 5 * 60_000 };
/** Return codes of MQTT 3.1.1, section 3.2.2.3. */
const UNAVAILABLE = 3;
const WRONG_LOGIN = 4;
const NOT_ALLOWED = 5;
/** Compared where the gateway is unknown, so that the answer takes as long as for a known one. */
const NOBODY = hashSecret(newSecret());

/** A certificate that our authority signed, of the gateway that logs in. */
interface Shown {
  readonly gateway: string;
  /** Lower-case hex. */
  readonly serial: string;
}

/** What the database knows of certificates. */
export interface CertificateRules {
  /** Why a certificate opens nothing, such as that it was revoked; undefined when it does. */
  readonly problem: (certificate: Shown) => Promise<string | undefined>;
  /** A gateway has logged in with it. */
  readonly used: (certificate: Shown) => Promise<void>;
}

/** The stored hashes of the passwords that count now, by gateway: of the one that is named, or of all. */
export type StoredSecrets = (gateway?: string) => Promise<ReadonlyMap<string, readonly string[]>>;

/** What the rules need. */
export interface AccessOptions {
  readonly secrets: StoredSecrets;
  readonly certificates: CertificateRules;
  readonly refusals: RefusalLog;
  /** The collector's own client, which sees whether messages come through. */
  readonly probe: ProbeIdentity;
  /** What each gateway does, and how often it may come. */
  readonly traffic: Traffic;
  /** UTC ms. */
  readonly now: () => number;
}

/** Who may connect, and what a connected gateway may send and receive: its own root only. */
export class Access {
  private readonly options: AccessOptions;
  private readonly byGateway = new Attempts(WRONG_PER_GATEWAY);
  private readonly byAddress = new Attempts(WRONG_PER_ADDRESS);
  private readonly wills = new WeakMap<Client, string>();
  private readonly proven = new WeakSet<Client>();
  /** The hash that a client has logged in with. */
  private readonly passwords = new WeakMap<Client, string>();
  /** What gateways tried after they had proved their names, and may not: topics of others, wills; since the start. */
  denials = 0;

  constructor(options: AccessOptions) {
    this.options = options;
  }

  /**
   * Look at a CONNECT before its login. Sessions are never kept: what a gateway that is gone would have received is
   * worthless when it is back, and a kept session is a queue without a bound.
   */
  prepare(client: Client, packet: ConnectPacket): void {
    packet.clean = true;
    if (packet.will !== undefined) this.wills.set(client, packet.will.topic);
  }

  /** @returns why the login is refused */
  async logIn(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<AccessError | undefined> {
    const { now, probe, traffic } = this.options;
    if (isProbe(client, { username, password }, probe)) {
      this.proven.add(client);
      return undefined;
    }
    const address = addressOf(client);
    const gateway = `${address} ${username ?? ''}`;
    const at = now();
    if (this.byGateway.refusedFor(gateway, at) > 0 || this.byAddress.refusedFor(address, at) > 0) {
      return this.refuse(address, { username, problem: 'too many wrong logins; wait' }, UNAVAILABLE);
    }
    // Counted before the password is looked at, so that many tries at once are many.
    this.byGateway.fail(gateway, at);
    this.byAddress.fail(address, at);
    const certificate = clientCertificate(client.conn);
    const problem =
      certificate === undefined
        ? await this.passwordProblem(client, username, password)
        : await this.certificateProblem(client);
    if (problem !== undefined) return this.refuse(address, { username, problem }, WRONG_LOGIN);
    this.byGateway.succeed(gateway);
    this.byAddress.forgive(address);
    // After the proof: nobody uses up the logins of another.
    if (!traffic.mayLogIn(client.id, at))
      return this.refuse(address, { username, problem: 'it connects too often; wait' }, UNAVAILABLE);
    const will = this.wills.get(client);
    if (will !== undefined && will !== topicFor(client.id, 'state')) {
      this.denials += 1;
      return this.refuse(
        address,
        { username, will, problem: 'the will must go to the own state topic' },
        NOT_ALLOWED,
      );
    }
    if (certificate !== undefined) await this.options.certificates.used(certificate);
    this.proven.add(client);
    return undefined;
  }

  /** @returns why the certificate of a connection opens nothing; undefined when it does or there is none */
  async certificateProblem({ id, conn }: Client): Promise<string | undefined> {
    const certificate = clientCertificate(conn);
    if (certificate === undefined) return undefined;
    // A bad certificate is refused even beside a right password: who shows one says that it counts.
    if (certificate.problem !== undefined) return certificate.problem;
    if (certificate.gateway !== id) return 'the client id must be the name in the certificate';
    return this.options.certificates.problem(certificate);
  }

  /** @returns for each client whose login does not count any more, why */
  async endedLogins(clients: readonly Client[]): Promise<Map<Client, string>> {
    const ended = new Map<Client, string>();
    const secrets = await this.options.secrets();
    for (const client of clients) {
      const password = this.passwords.get(client);
      const good = password === undefined || secrets.get(client.id)?.includes(password);
      const problem = good ? await this.certificateProblem(client) : 'its password does not count any more';
      if (problem !== undefined) ended.set(client, problem);
    }
    return ended;
  }

  /** @returns why a client may not publish this. @param client null for the collector itself */
  publishProblem(client: Client | null, { topic, retain }: PublishPacket): Error | null {
    const probeTopic = this.options.probe.topic;
    if (isAllowed(this.roleOf(client), retain ? 'retain' : 'publish', { topic, probeTopic })) return null;
    const peer = client === null ? 'collector' : this.peerOf(client);
    this.options.refusals.note('publish refused', peer, { topic: topic.slice(0, 200), retain });
    if (client !== null) this.denied(client);
    return new AccessError('publish refused');
  }

  /** Whether a client may subscribe; to channels one by one. */
  maySubscribe(client: Client, filter: string): boolean {
    const probeTopic = this.options.probe.topic;
    if (isAllowed(this.roleOf(client), 'subscribe', { topic: filter, probeTopic })) return true;
    this.options.refusals.note('subscription refused', this.peerOf(client), { filter: filter.slice(0, 200) });
    this.denied(client);
    return false;
  }

  /** The most wrong logins of one address in the last five minutes. */
  wrongLogins(): number {
    return this.byAddress.most(this.options.now());
  }

  /** Whether a client is the collector's own probe. */
  isOwn(client: { readonly id: string } | undefined): boolean {
    return client?.id === this.options.probe.name;
  }

  /** The gateway's name once it has proved it, else its address. */
  peerOf(client: Client): string {
    return this.proven.has(client) ? client.id : addressOf(client);
  }

  private denied(client: Client): void {
    this.options.traffic.refused(client.id);
    if (this.proven.has(client)) this.denials += 1;
  }

  private roleOf(client: Client | null): Peer {
    if (client === null) return { role: 'collector', name: '' };
    if (!this.proven.has(client)) return { role: 'nobody', name: '' };
    // The probe's name is as random as its password.
    return this.isOwn(client) ? { role: 'probe', name: '' } : { role: 'gateway', name: client.id };
  }

  private async passwordProblem(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<string | undefined> {
    if (username === undefined || password === undefined)
      return 'user and password are needed, or a certificate';
    if (client.id !== username) return 'the client id must be the gateway name';
    const stored = (await this.options.secrets(username)).get(username);
    const given = password.toString('utf8');
    const right = (stored ?? [NOBODY]).find((hash) => secretMatches(given, hash));
    if (stored === undefined) return 'unknown gateway';
    if (right === undefined) return 'wrong password';
    this.passwords.set(client, right);
    return undefined;
  }

  private refuse(
    address: string,
    login: { username: string | undefined; problem: string; will?: string },
    returnCode: number,
  ): AccessError {
    const { problem, username = '', will } = login;
    // The claimed name tells two gateways of one site apart; the log as a whole is bounded.
    const peer = `${username.slice(0, 64)}@${address}`;
    this.options.refusals.note(
      `login refused: ${problem}`,
      peer,
      will === undefined ? {} : { will: will.slice(0, 200) },
    );
    return new AccessError(problem, returnCode);
  }
}

/** Something that was refused and logged; the connection ends with it. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code = 'ACCESS_REFUSED';
  /** Of MQTT 3.1.1, section 3.2.2.3; the broker sends it when a login is refused. */
  readonly returnCode: number;

  constructor(message: string, returnCode = NOT_ALLOWED) {
    super(message);
    this.returnCode = returnCode;
  }
}

function isProbe(
  client: Client,
  login: { username: string | undefined; password: Buffer | undefined },
  probe: ProbeIdentity,
): boolean {
  return (
    client.id === probe.name &&
    login.username === probe.name &&
    secretMatches(login.password?.toString('utf8') ?? '', hashSecret(probe.password))
  );
}

/** IP address of the other end. */
export function addressOf(client: Client): string {
  return (client.conn as Partial<Socket>).remoteAddress ?? 'unknown';
}
