import { isoWithOffset } from '../counts/zone.js';
import type {
  MessageLanguage,
  NotificationKind,
  NotificationSeverity,
} from '../schema/notification-words.js';
import type { NotificationRow } from '../store/tables-notify.js';
import { linksOf } from './links.js';
import type { Message, NotificationData } from './message.js';

/** Words of a language. */
interface Words {
  readonly severity: Readonly<Record<NotificationSeverity, string>>;
  /** What stands in front of the title, for all but pages. */
  readonly kind: Readonly<Record<Exclude<NotificationKind, 'page'>, string>>;
  readonly duplicate: string;
  readonly since: string;
  readonly testText: string;
  readonly acknowledge: string;
  readonly resolve: string;
  readonly incident: string;
  readonly runbook: string;
  readonly voice: { readonly press: string; readonly thanks: string; readonly over: string };
}

const WORDS: Readonly<Record<MessageLanguage, Words>> = {
  en: {
    severity: { critical: 'CRITICAL', high: 'HIGH', medium: 'MEDIUM', low: 'LOW' },
    kind: {
      update: 'Update',
      resolved: 'Resolved',
      test: 'Test',
      verify: 'Verification',
      digest: 'Digest',
    },
    duplicate: '(possible duplicate)',
    since: 'since',
    testText: 'This is a test: acknowledge it, so that it is known that pages reach you.',
    acknowledge: 'Acknowledge',
    resolve: 'Resolve',
    incident: 'Incident',
    runbook: 'Runbook',
    voice: {
      press: 'To acknowledge, press 1.',
      thanks: 'Acknowledged. Thank you.',
      over: 'This cannot be acknowledged any more.',
    },
  },
  vi: {
    severity: { critical: 'NGHIÊM TRỌNG', high: 'CAO', medium: 'TRUNG BÌNH', low: 'THẤP' },
    kind: {
      update: 'Cập nhật',
      resolved: 'Đã giải quyết',
      test: 'Thử',
      verify: 'Xác minh',
      digest: 'Tổng hợp',
    },
    duplicate: '(có thể trùng lặp)',
    since: 'từ',
    testText: 'Đây là tin nhắn thử: hãy xác nhận để biết rằng bạn nhận được cảnh báo.',
    acknowledge: 'Xác nhận',
    resolve: 'Giải quyết',
    incident: 'Sự cố',
    runbook: 'Hướng dẫn xử lý',
    voice: {
      press: 'Để xác nhận, bấm phím 1.',
      thanks: 'Đã xác nhận. Cảm ơn.',
      over: 'Không thể xác nhận nữa.',
    },
  },
};

/** Words of a language. */
export function wordsOf(language: MessageLanguage): Words {
  return WORDS[language];
}

/** What the template fills in beside the row. */
export interface TemplateContext {
  /** Address by which people reach the console; messages carry no links without it. */
  readonly publicUrl: string | undefined;
  /** Secret part of the one-time link. */
  readonly token: string | undefined;
  readonly firstRef: string | undefined;
}

/** The message of a row, in the language of its contact. */
export function messageOf(row: NotificationRow, { publicUrl, token, firstRef }: TemplateContext): Message {
  const data = JSON.parse(row.payload) as NotificationData;
  const { id, idem_key: idemKey, kind, severity, language, address, incident } = row;
  const links = publicUrl === undefined ? undefined : linksOf(publicUrl);
  return {
    ...{ id, idemKey, kind, severity, language, address, incident, token, firstRef },
    duplicate: row.duplicate === 1,
    subject: subjectOf(row, data),
    lines: linesOf(row, data),
    incidentUrl: data.number === null ? undefined : links?.incident(data.number),
    runbookUrl: kind === 'verify' ? undefined : links?.runbook(data.runbook),
    ackUrl: token === undefined ? undefined : links?.ack(token),
  };
}

/** Severity, site, what, and since when with its zone. */
function subjectOf({ kind, severity, language, duplicate }: NotificationRow, data: NotificationData): string {
  const words = WORDS[language];
  const about = kind === 'page' || kind === 'update' || kind === 'resolved';
  const parts = [
    ...(duplicate === 1 ? [words.duplicate] : []),
    ...(about ? [`[${words.severity[severity]}]`] : []),
    ...(kind === 'page' ? [] : [`${words.kind[kind]}:`]),
    ...(data.number === null ? [] : [`#${data.number}`]),
    ...(data.site === null ? [] : [`${data.site}:`]),
    data.title[language],
    ...(about ? [`${words.since} ${clock(data)}`] : []),
  ];
  // A line break would end the header of an e-mail.
  return parts.join(' ').replace(/\s+/g, ' ');
}

/** Such as 2026-03-02 17:00 +07:00 (Asia/Ho_Chi_Minh). */
function clock({ timeZone, since }: NotificationData): string {
  const iso = isoWithOffset(timeZone, since);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} ${iso.slice(19)} (${timeZone})`;
}

function linesOf({ kind, language }: NotificationRow, data: NotificationData): string[] {
  const words = WORDS[language];
  const items = (data.items ?? []).map((item) => {
    const site = item.site === null ? '' : `${item.site}: `;
    return `${site}${item.title[language]}, ${words.since} ${clock(item)}`;
  });
  return [
    ...(kind === 'test' ? [words.testText] : []),
    ...(data.text === undefined ? [] : [data.text[language]]),
    ...items,
  ];
}

/** A message as plain text with its links. */
export function plainText(message: Message): string {
  const words = WORDS[message.language];
  const link = (label: string, url: string | undefined) => (url === undefined ? [] : [`${label}: ${url}`]);
  return [
    message.subject,
    ...message.lines,
    ...link(words.acknowledge, message.ackUrl),
    ...link(words.incident, message.incidentUrl),
    ...link(words.runbook, message.runbookUrl),
  ].join('\n\n');
}
