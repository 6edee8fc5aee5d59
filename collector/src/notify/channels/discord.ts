import type { NotificationSeverity } from '../../schema/notification-words.js';
import type { Channel, Message, Outcome } from '../message.js';
import { wordsOf } from '../template.js';
import { JSON_HEADERS, outcomeOfError, outcomeOfStatus, request, type HttpAnswer } from './http.js';

/** Discord by webhooks. */
export interface DiscordOptions {
  /** For contacts that are the id of a person, who is mentioned there. */
  readonly webhookUrl?: string | undefined;
}

const COLOURS: Readonly<Record<NotificationSeverity, number>> = {
  critical: 0xe0_31_31,
  high: 0xf0_8c_00,
  medium: 0x19_71_c2,
  low: 0x86_8e_96,
};
const RESOLVED = 0x09_92_68;
/** Limits of an embed. */
const TITLE_LENGTH = 256;
const DESCRIPTION_LENGTH = 4096;

/** Embeds with one-time links; the end of an incident takes the place of its page. */
export class DiscordChannel implements Channel {
  private readonly options: DiscordOptions;

  constructor(options: DiscordOptions) {
    this.options = options;
  }

  async send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { address, kind, firstRef } = message;
    const own = address.startsWith('http');
    const webhook = own ? address : this.options.webhookUrl;
    if (webhook === undefined)
      return { kind: 'perm', error: 'there is no webhook; see notify.discord', contactFault: false };
    const body = JSON.stringify(bodyOf(message, own ? undefined : address));
    const replaced = kind === 'resolved' ? firstRef : undefined;
    const method = replaced === undefined ? 'POST' : 'PATCH';
    try {
      const url = new URL(webhook);
      if (replaced !== undefined) url.pathname += `/messages/${replaced}`;
      // Without it the answer does not say which message it became.
      else url.searchParams.set('wait', 'true');
      return outcomeOf(await request(url.href, { method, headers: JSON_HEADERS, body, signal }));
    } catch (error) {
      return outcomeOfError(error);
    }
  }
}

function bodyOf(message: Message, person: string | undefined): object {
  const { subject, lines, language, kind, severity, ackUrl, incidentUrl, runbookUrl } = message;
  const words = wordsOf(language);
  const link = (label: string, url: string | undefined) => (url === undefined ? [] : [`[${label}](${url})`]);
  const links = [
    ...link(words.acknowledge, ackUrl),
    ...link(words.incident, incidentUrl),
    ...link(words.runbook, runbookUrl),
  ];
  const description = [...lines.map(plain), links.join(' · ')].filter((line) => line !== '').join('\n\n');
  return {
    content: person === undefined ? '' : `<@${person}>`,
    // Nothing that a text says rings anybody else.
    allowed_mentions: { parse: [], ...(person !== undefined && { users: [person] }) },
    embeds: [
      {
        title: plain(subject).slice(0, TITLE_LENGTH),
        description: description.slice(0, DESCRIPTION_LENGTH),
        color: kind === 'resolved' ? RESOLVED : COLOURS[severity],
        ...(incidentUrl !== undefined && { url: incidentUrl }),
      },
    ],
  };
}

/** The characters that Discord's markup gives a meaning. */
function plain(text: string): string {
  return text.replace(/[\\*_~`|>]/g, '\\$&');
}

function outcomeOf(answer: HttpAnswer): Outcome {
  const outcome = outcomeOfStatus(answer, 'Discord');
  const { headers, body } = answer;
  if (outcome.kind !== 'ok') return outcome;
  // Discord says beforehand when the next message would be too much.
  const spent = headers['x-ratelimit-remaining'] === '0';
  const resetS = Number(headers['x-ratelimit-reset-after']);
  const pauseMs = spent && Number.isFinite(resetS) ? Math.ceil(resetS * 1000) : undefined;
  return { ...outcome, pauseMs, ref: /"id":\s*"(\d+)"/.exec(body)?.[1] };
}
