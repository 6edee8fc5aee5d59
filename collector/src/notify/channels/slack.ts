import type { Channel, Message, Outcome } from '../message.js';
import { wordsOf } from '../template.js';
import { JSON_HEADERS, outcomeOfError, outcomeOfStatus, request, type HttpAnswer } from './http.js';

/** How messages get into Slack: by an app's bot token, or by the URL of an incoming webhook. */
export interface SlackOptions {
  readonly botToken?: string | undefined;
  readonly webhookUrl?: string | undefined;
  /** Whether buttons of messages come back here; without it they are one-time links. */
  readonly interactive: boolean;
  /** Of the Web API. */
  readonly apiUrl?: string;
}

/** Longest text of a header and of a section in Block Kit. */
const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3000;
/** Errors of the Web API that pass: docs.slack.dev/reference/methods/chat.postMessage. */
const PASSING = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);
/** Errors that say that this collector is not let in, whoever the message is for. */
const OWN_FAULT = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'no_permission',
]);

/** Slack with Block Kit. An incident is one thread: updates answer its page, and its end takes the page's place. */
export class SlackChannel implements Channel {
  private readonly options: SlackOptions;

  constructor(options: SlackOptions) {
    this.options = options;
  }

  async send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { botToken, webhookUrl } = this.options;
    try {
      if (message.address.startsWith('http')) return await this.post(message.address, message, signal);
      if (botToken !== undefined) return await this.call(botToken, message, signal);
      if (webhookUrl !== undefined) return await this.post(webhookUrl, message, signal);
      return { kind: 'perm', error: 'there is neither a bot token nor a webhook', contactFault: false };
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  private async post(url: string, message: Message, signal: AbortSignal): Promise<Outcome> {
    const body = JSON.stringify(this.bodyOf(message));
    const answer = await request(url, { method: 'POST', headers: JSON_HEADERS, body, signal });
    return outcomeOfStatus(answer, 'Slack');
  }

  private async call(token: string, message: Message, signal: AbortSignal): Promise<Outcome> {
    const { kind, address, firstRef } = message;
    const [channel = '', ts] = firstRef?.split(' ') ?? [];
    const replaces = kind === 'resolved' && ts !== undefined;
    const place = replaces
      ? { channel, ts }
      : { channel: address, ...(ts !== undefined && kind === 'update' && { channel, thread_ts: ts }) };
    const method = replaces ? 'chat.update' : 'chat.postMessage';
    const answer = await request(`${this.options.apiUrl ?? 'https://slack.com/api'}/${method}`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...place, ...this.bodyOf(message) }),
      signal,
    });
    return outcomeOfCall(answer);
  }

  private bodyOf(message: Message): object {
    const { subject, lines } = message;
    const text = lines.map(asMrkdwn).join('\n').slice(0, SECTION_LENGTH);
    const elements = this.buttonsOf(message);
    return {
      // Shown in notifications of the system.
      text: asMrkdwn(subject),
      unfurl_links: false,
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: subject.slice(0, HEADER_LENGTH) } },
        ...(text === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text } }]),
        ...(elements.length === 0 ? [] : [{ type: 'actions', elements }]),
      ],
    };
  }

  private buttonsOf({ id, kind, incident, language, ackUrl, incidentUrl, runbookUrl }: Message): object[] {
    const words = wordsOf(language);
    const button = (text: string, rest: object) => ({
      type: 'button',
      text: { type: 'plain_text', text },
      ...rest,
    });
    const link = (text: string, url: string | undefined) =>
      url === undefined ? [] : [button(text, { url })];
    const { interactive } = this.options;
    const asks = kind === 'page' || kind === 'test';
    const own = interactive && asks;
    return [
      ...(own ? [button(words.acknowledge, { action_id: 'ack', value: id, style: 'primary' })] : []),
      ...(own && incident !== null ? [button(words.resolve, { action_id: 'resolve', value: id })] : []),
      ...(interactive ? [] : link(words.acknowledge, ackUrl)),
      ...link(words.incident, incidentUrl),
      ...link(words.runbook, runbookUrl),
    ];
  }
}

/** The Web API says 200 to almost everything; its answer says what it means. */
function outcomeOfCall(answer: HttpAnswer): Outcome {
  const byStatus = outcomeOfStatus(answer, 'Slack');
  if (byStatus.kind !== 'ok') return byStatus;
  const { status } = answer;
  const body = parsed(answer.body);
  if (body === undefined)
    return { kind: 'unknown', status, error: 'Slack answers with something else than JSON' };
  if (body.ok) return { kind: 'ok', status, ref: `${body.channel ?? ''} ${body.ts ?? ''}` };
  const { error: code = 'no reason' } = body;
  const error = `Slack answers ${code}`;
  if (PASSING.has(code)) return { kind: 'temp', status, error };
  return { kind: 'perm', status, error, contactFault: !OWN_FAULT.has(code) };
}

interface SlackAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly channel?: string;
  readonly ts?: string;
}

function parsed(text: string): SlackAnswer | undefined {
  try {
    return JSON.parse(text) as SlackAnswer;
  } catch {
    return undefined;
  }
}

/** The three characters that Slack's markup gives a meaning. */
function asMrkdwn(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
