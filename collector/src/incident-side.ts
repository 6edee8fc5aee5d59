import type { Logger } from 'pino';
import { VerdictKeeper } from './accuracy/verdict-keeper.js';
import type { AlertRef } from './alerts/rows.js';
import { stuckChannels } from './alerts/sources/pages.js';
import type { Membership } from './cluster/membership.js';
import type { CollectorConfig } from './config/config.js';
import { sweepDrills } from './drill/end.js';
import { tickEscalation } from './escalation/escalation.js';
import { pagePerson, settlePages } from './escalation/pages.js';
import { remindOfActionItems } from './escalation/reminders.js';
import type { Handbook } from './handbook/handbook.js';
import { acknowledge, resolve } from './incidents/actions.js';
import { alertResolved, attachAlert } from './incidents/from-alerts.js';
import { lockIncident } from './incidents/incidents.js';
import { tickIncidents } from './incidents/tick.js';
import { EVERY_5_SECONDS, EVERY_MINUTE, HOURLY, NIGHTLY, type Jobs } from './jobs.js';
import type { Live } from './live/live.js';
import { buildAllSeries } from './maintenance/series.js';
import type { Acknowledgement } from './notify/answers.js';
import { channelsOf } from './notify/channels.js';
import type { Channels } from './notify/message.js';
import { announceMaintenance, NotifyWorker, queueNotification } from './notify/outbox.js';
import { Watcher } from './notify/ping.js';
import type { NotifySide } from './notify/routes.js';
import { sealText } from './notify/sealed.js';
import { queueWeeklyTests } from './notify/tests.js';
import { contactOwner, contactWorked, verifiedContacts } from './oncall/contact-use.js';
import type { SendCode } from './oncall/contacts.js';
import type { Vault } from './security/vault.js';
import type { Queryable, Store } from './store/store.js';

/** A code works for no longer (ms). */
const CODE_MS = 15 * 60_000;

/** What the incident side needs. */
export interface IncidentSideOptions {
  readonly store: Store;
  readonly vault: Vault;
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
  private readonly watcher: Watcher | undefined;
  private readonly verdicts: VerdictKeeper;
  /** Incidents that a transaction has changed, and that pages have not heard of. */
  private readonly changed = new Set<string>();

  constructor(options: IncidentSideOptions) {
    this.options = options;
    const { store, vault, config, membership, now, logger } = options;
    const { pingUrl } = config.notifySecrets;
    this.watcher = pingUrl === undefined ? undefined : new Watcher(pingUrl);
    this.verdicts = new VerdictKeeper({ store, now, logger });
    this.channels = channelsOf(config.notify, config.notifySecrets, now);
    this.worker = new NotifyWorker({
      ...{ store, vault, channels: this.channels, publicUrl: config.notify.publicUrl },
      ...{ instance: membership.id, leads: () => membership.leads },
      onDelivered: (contact) => contactWorked(store, contact, { worked: true, now: now() }),
      onFailed: (contact) => contactWorked(store, contact, { worked: false, now: now() }),
      now,
      logger,
    });
  }

  start(jobs: Jobs): void {
    const { store, config, now, logger } = this.options;
    const { weeklyTest, announce, timeZone = config.timeZone } = config.notify;
    // What the rules about lines read.
    jobs.every(EVERY_5_SECONDS, 'verdicts', () => this.verdicts.judgeDue());
    jobs.every(HOURLY, 'risks', () => this.verdicts.lookForRisks());
    jobs.every(EVERY_5_SECONDS, 'incidents', () => this.tick());
    jobs.every(EVERY_MINUTE, 'weekly test pages', () =>
      queueWeeklyTests(store, { weeklyTest, timeZone }, now()),
    );
    jobs.every(EVERY_MINUTE, 'drills', async () => {
      for (const site of await sweepDrills(store, now()))
        logger.warn({ site }, 'a drill was killed; its site is taken away');
    });
    jobs.every(EVERY_MINUTE, 'reminders', () => remindOfActionItems(store, now()));
    jobs.every(EVERY_5_SECONDS, 'announcements', () => announceMaintenance(store, announce, now()));
    jobs.every(NIGHTLY, 'maintenance series', () => buildAllSeries(store, now()));
    const { watcher } = this;
    // Whoever watches this collector from elsewhere is told that pages go out.
    if (watcher !== undefined)
      jobs.every(EVERY_MINUTE, 'ping', async () => {
        const [progressAt, at] = [this.worker.progressAt, now()];
        await watcher.ping({ progressAt, stuck: await stuckChannels(store, at), now: at });
      });
    this.worker.start();
  }

  async stop(): Promise<void> {
    await this.verdicts.stop();
    await this.worker.stop();
  }

  /** For how long the watcher elsewhere could not be told that pages go out (ms); undefined where there is none. */
  watcherSilence(): number | 'unknown' | undefined {
    return this.watcher?.silenceMs(this.options.now());
  }

  /** What the routes of notifications need. */
  notifySide(): NotifySide {
    const { store, config, live, now } = this.options;
    const { publicUrl, timeZone = config.timeZone } = config.notify;
    return {
      ...{ store, channels: this.channels, publicUrl, timeZone, secrets: config.notifySecrets, now },
      wake: () => this.worker.wake(),
      contactsOf: (username) => verifiedContacts(store, username),
      userOf: (contact) => contactOwner(store, contact),
      onAck: (answer) => this.answered(answer),
      onAnswered: (incident) => live.incidentChanged(incident, now()),
    };
  }

  /** Sends the code that proves a contact. */
  readonly sendCode: SendCode = async (contact, code) => {
    const { store, vault, config, now, logger } = this.options;
    if (this.channels[contact.kind] === undefined) {
      logger.info({ contact: contact.id, kind: contact.kind }, 'a code was not sent: no channel is set up');
      return `not sent: no channel is set up for ${contact.kind}`;
    }
    const text = { en: `Your code is ${code}.`, vi: `Mã của bạn là ${code}.` };
    const title = { en: 'Code for this contact', vi: 'Mã cho địa chỉ liên lạc này' };
    const { timeZone = config.timeZone } = config.notify;
    const data = {
      number: null,
      title,
      site: null,
      since: now(),
      timeZone,
      runbook: '',
      sealed: sealText(vault, text),
    };
    const message = { incident: null, contact, fallbacks: [], step: 0, loop: 0, kind: 'verify' as const };
    const deadlineAt = now() + CODE_MS;
    await queueNotification(store, { ...message, severity: 'medium', data, deadlineAt }, now());
    this.worker.wake();
    return undefined;
  };

  /** A firing alert joins its incident or opens one, in the transaction in which it fires. */
  async fires(trx: Queryable, alert: AlertRef): Promise<void> {
    const { handbook, now, logger } = this.options;
    const { ruleSlug: rule, severity, asset } = alert;
    const joined = await attachAlert(trx, alert, now(), handbook.stepsOf);
    logger.warn({ rule, severity, asset: asset.path, incident: joined?.incident }, 'an alert fires');
    if (joined !== null) this.changed.add(joined.incident);
  }

  /** An alert is over, in the transaction that says so. */
  async resolves(trx: Queryable, { id }: AlertRef): Promise<void> {
    const incident = await alertResolved(trx, id, this.options.now());
    if (incident !== undefined) this.changed.add(incident);
  }

  /** Tell open pages what has changed, after it was committed: they read it at once. */
  tellPages(): void {
    const { live, now } = this.options;
    for (const incident of this.changed) live.incidentChanged(incident, now());
    this.changed.clear();
  }

  private async tick(): Promise<void> {
    const { store, now, logger } = this.options;
    const at = now();
    for (const due of await tickIncidents(store, at)) {
      logger.info(due, 'a timer of an incident ran out');
      this.changed.add(due.incident);
    }
    await tickEscalation(store, at, (trx, request, when) => {
      this.changed.add(request.incident.id);
      return pagePerson(trx, request, when);
    });
    await settlePages(store, at);
    this.tellPages();
    this.worker.wake();
  }

  private async answered({ trx, incident, action, user, channel, now }: Acknowledgement): Promise<void> {
    const by = { actor: user, channel };
    if (action === 'ack') {
      await acknowledge(trx, incident, { by, now });
      return;
    }
    // Whoever ends it at once has taken it.
    const { status } = await lockIncident(trx, incident);
    if (status === 'triggered') await acknowledge(trx, incident, { by, now });
    await resolve(trx, incident, `answered by ${channel}`, { by, now });
  }
}
