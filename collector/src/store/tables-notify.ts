import type { Generated, Selectable } from 'kysely';
import type {
  ChannelKind,
  MessageLanguage,
  NotificationKind,
  NotificationSeverity,
  NotificationState,
} from '../schema/notification-words.js';

/** Tables of notifications. Times are UTC ms, truth is 0 or 1. */
export interface NotifyTables {
  /** The outbox: one row per message to one contact. */
  notification: {
    id: string;
    /** SHA-256 of incident, recipient, step, loop and kind: the same message is queued once. */
    idem_key: string;
    incident: string | null;
    /** Also names the template. */
    kind: NotificationKind;
    severity: NotificationSeverity;
    /** Lower ones go first; see notify/urgency.ts. */
    urgency: number;
    /** Step and loop of the escalation. */
    step: number;
    loop: number;
    /** Messages of one thread replace one another; null for those that stand alone. */
    thread: string | null;
    /** The contact as it was when the message was queued. */
    contact: string;
    channel: ChannelKind;
    address: string;
    language: MessageLanguage;
    /** JSON list of contacts that are tried when this one fails. */
    fallbacks: string;
    /** JSON, for the template. */
    payload: string;
    state: Generated<NotificationState>;
    attempts: Generated<number>;
    /** When a queued one is due, when the attempt of a sending one is over, when an unknown one is sent again. */
    next_at: number | null;
    /** No attempt begins after this. */
    deadline_at: number;
    /** The collector that sends it now. */
    holder: string | null;
    /** When the attempt that runs began. */
    begun_at: number | null;
    /** 1 when the receiver may have it already: the message says so. */
    duplicate: Generated<number>;
    /** 1 when nobody needs it any more, told while it was being sent. */
    unwanted: Generated<number>;
    /** The message that replaced it. */
    superseded_by: string | null;
    /** Id at the provider, and how far its receipts have got: they only go forward. */
    provider_ref: string | null;
    provider_seq: Generated<number>;
    error: string | null;
    created_at: number;
    sent_at: number | null;
    delivered_at: number | null;
    /** Somebody answered to this message. */
    acked_at: number | null;
    acked_by: string | null;
  };
  /** What came of each attempt. Append-only. */
  notification_attempt: {
    notification: string;
    n: number;
    started_at: number;
    ended_at: number;
    outcome: 'ok' | 'temp' | 'perm' | 'unknown';
    status: number | null;
    error: string | null;
  };
  /** One-time links and keypad calls that answer a message. */
  ack_token: {
    hash: string;
    notification: string;
    action: 'ack' | 'resolve';
    expires_at: number;
    used_at: number | null;
    used_from: string | null;
  };
}

/** A row of the outbox. */
export type NotificationRow = Selectable<NotifyTables['notification']>;
