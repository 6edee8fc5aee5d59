import type {
  ChannelKind,
  MessageLanguage,
  NotificationKind,
  NotificationSeverity,
} from '../schema/notification-words.js';

/** A text in both languages. */
export type Text = Readonly<Record<MessageLanguage, string>>;

/** What a message says; the template makes sentences of it. */
export interface NotificationData {
  /** Number of the incident; null for what belongs to none. */
  readonly number: number | null;
  readonly title: Text;
  readonly site: string | null;
  /** When the trouble began, UTC ms. */
  readonly since: number;
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
  /** IANA zone whose morning the digest of low ones waits for; `timeZone` where it is missing. */
  readonly recipientZone?: string;
  /** Slug of the runbook, or its address where Prometheus named one; empty where there is none. */
  readonly runbook: string;
  /** One more paragraph, such as a code or what has changed. */
  readonly text?: Text;
  /** What a digest gathers. */
  readonly items?: readonly NotificationData[];
}

/** A message as a channel sends it: in one language, with its links. */
export interface Message {
  readonly id: string;
  /** The same for every attempt of a message. */
  readonly idemKey: string;
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  readonly language: MessageLanguage;
  readonly address: string;
  readonly incident: string | null;
  /** Short; says severity, site, what and since when, and whether the receiver may have it already. */
  readonly subject: string;
  /** Whether the receiver may have it already; the subject says so, too. */
  readonly duplicate: boolean;
  /** Paragraphs below the subject. */
  readonly lines: readonly string[];
  readonly incidentUrl: string | undefined;
  readonly runbookUrl: string | undefined;
  /** One-time link; only in messages that can be answered. */
  readonly ackUrl: string | undefined;
  /** Secret part of `ackUrl`, for a keypad call. */
  readonly token: string | undefined;
  /** Id at the provider of the first message of the thread, where there is one. */
  readonly firstRef: string | undefined;
}

/** What came of an attempt. */
export type Outcome =
  | {
      readonly kind: 'ok';
      readonly status?: number | undefined;
      /** Id of the message at the provider. */
      readonly ref?: string | undefined;
      /** The address takes nothing more for so long (ms). */
      readonly pauseMs?: number | undefined;
    }
  | {
      readonly kind: 'temp';
      readonly error: string;
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
    }
  | {
      readonly kind: 'perm';
      readonly error: string;
      readonly status?: number | undefined;
      /** Whether the address is at fault, and not how this collector is set up. */
      readonly contactFault: boolean;
    }
  /** Written, and nobody knows whether it was taken. */
  | { readonly kind: 'unknown'; readonly error: string; readonly status?: number | undefined };

/** A way to reach people. */
export interface Channel {
  /**
   * Send one message; never throws.
   * @param signal ends the attempt; what was written by then is unknown
   */
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
}

/** The channels that are set up. */
export type Channels = Readonly<Partial<Record<ChannelKind, Channel>>>;
