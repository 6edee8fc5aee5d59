import type { Logger } from 'pino';
import type { AlertRef } from './alerts/rows.js';
import type { Membership } from './cluster/membership.js';
import type { CollectorConfig } from './config/config.js';
import { tickEscalation } from './escalation/escalation.js';
import { pagePerson, settlePages } from './escalation/pages.js';
import type { Handbook } from './handbook/handbook.js';
import { acknowledge, resolve } from './incidents/actions.js';
import { attachAlert } from './incidents/from-alerts.js';
import { tickIncidents } from './incidents/tick.js';
import { EVERY_5_SECONDS, EVERY_MINUTE, type Jobs } from './jobs.js';
import type { Live } from './live/live.js';
import type { Acknowledgement } from './notify/answers.js';
import { channelsOf } from './notify/channels.js';
import type { Channels } from './notify/message.js';
import { NotifyWorker, queueNotification } from './notify/outbox.js';
import { pingWatcher } from './notify/ping.js';
import type { NotifySide } from './notify/routes.js';
import { queueWeeklyTests } from './notify/tests.js';
import { contactOwner, contactWorked, verifiedContacts } from './oncall/contact-use.js';
import type { SendCode } from './oncall/contacts.js';
import type { Queryable, Store } from './store/store.js';

/** A code works for no longer (ms). */
const CODE_MS = 15 * 60_000;

/** What the incident side needs. */
export interface IncidentSideOptions {
  readonly store: Store;
  readonly config: CollectorConfig;
  readonly handbook: Handbook;
  readonly membership: Membership;
  readonly live: Live;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** From an incident to a person who acts: timers, the ladder, the outbox and the answers to it. */
export class IncidentSide {
  private readonly options: IncidentSideOptions;
  private readonly channels: Channels;
  private readonly worker: NotifyWorker;

  constructor(options: IncidentSideOptions) {
    this.options = options;
    const { store, config, membership, now, logger } = options;
    this.channels = channelsOf(config.notify, config.notifySecrets, now);
    this.worker = new NotifyWorker({
      ...{ store, channels: this.channels, publicUrl: config.notify.publicUrl },
      ...{ instance: membership.id, leads: () => membership.leads },
      onDelivered: (contact) => contactWorked(store, contact, { worked: true, now: now() }),
      onFailed: (contact) => contactWorked(store, contact, { worked: false, now: now() }),
      now,
      logger,
    });
  }

  start(jobs: Jobs): void {
    const { store, config, now } = this.options;
    const { weeklyTest, timeZone = config.timeZone } = config.notify;
    jobs.every(EVERY_5_SECONDS, 'incidents', () => this.tick());
    jobs.every(EVERY_MINUTE, 'weekly test pages', () =>
      queueWeeklyTests(store, { weeklyTest, timeZone }, now()),
    );
    const { pingUrl } = config.notifySecrets;
    // Whoever watches this collector from elsewhere is told that pages go out.
    if (pingUrl !== undefined)
      jobs.every(EVERY_MINUTE, 'ping', () =>
        pingWatcher(pingUrl, { progressAt: this.worker.progressAt, now: now() }),
      );
    this.worker.start();
  }

  async stop(): Promise<void> {
    await this.worker.stop();
  }

  /** What the routes of notifications need. */
  notifySide(): NotifySide {
    const { store, config, now } = this.options;
    const { publicUrl, timeZone = config.timeZone } = config.notify;
    return {
      ...{ store, channels: this.channels, publicUrl, timeZone, secrets: config.notifySecrets, now },
      wake: () => this.worker.wake(),
      contactsOf: (username) => verifiedContacts(store, username),
      userOf: (contact) => contactOwner(store, contact),
      onAck: (answer) => this.answered(answer),
    };
  }

  /** Sends the code that proves a contact. */
  readonly sendCode: SendCode = async (contact, code) => {
    const { store, config, now, logger } = this.options;
    if (this.channels[contact.kind] === undefined) {
      logger.info({ contact: contact.id, kind: contact.kind }, 'a code was not sent: no channel is set up');
      return `not sent: no channel is set up for ${contact.kind}`;
    }
    const text = { en: `Your code is ${code}.`, vi: `Mã của bạn là ${code}.` };
    const title = { en: 'Code for this contact', vi: 'Mã cho địa chỉ liên lạc này' };
    const { timeZone = config.timeZone } = config.notify;
    const data = { number: null, title, site: null, since: now(), timeZone, runbook: '', text };
    const message = { incident: null, contact, fallbacks: [], step: 0, loop: 0, kind: 'verify' as const };
    const deadlineAt = now() + CODE_MS;
    await queueNotification(store, { ...message, severity: 'medium', data, deadlineAt }, now());
    this.worker.wake();
    return undefined;
  };

  /** A firing alert joins its incident or opens one, in the transaction in which it fires. */
  async fires(trx: Queryable, alert: AlertRef): Promise<void> {
    const { handbook, live, now, logger } = this.options;
    const { ruleSlug: rule, severity, asset } = alert;
    const joined = await attachAlert(trx, alert, now(), handbook.stepsOf);
    logger.warn({ rule, severity, asset: asset.path, incident: joined?.incident }, 'an alert fires');
    if (joined !== null) live.incidentChanged(joined.incident, now());
  }

  private async tick(): Promise<void> {
    const { store, live, now, logger } = this.options;
    const at = now();
    for (const due of await tickIncidents(store, at)) {
      logger.info(due, 'a timer of an incident ran out');
      live.incidentChanged(due.incident, at);
    }
    await tickEscalation(store, at, pagePerson);
    await settlePages(store, at);
    this.worker.wake();
  }

  private async answered({ trx, incident, action, user, channel, now }: Acknowledgement): Promise<void> {
    const by = { actor: user, channel };
    if (action === 'ack') await acknowledge(trx, incident, { by, now });
    else await resolve(trx, incident, `answered by ${channel}`, { by, now });
    this.options.live.incidentChanged(incident, now);
  }
}
