import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { escaped } from '../html.js';
import type { Channel, Message, Outcome } from '../message.js';
import { plainText, wordsOf } from '../template.js';
import { ATTEMPT_MS } from '../transitions.js';

/** How mail is sent. */
export interface EmailOptions {
  /** Such as smtps://user:password@mail.example:465, a secret. */
  readonly url: string;
  readonly from: string;
}

/** E-mail by SMTP. The connection is driven step by step, because only so is it known whether the body was written. */
export class EmailChannel implements Channel {
  private readonly options: EmailOptions;

  constructor(options: EmailOptions) {
    this.options = options;
  }

  async send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const mail = new MailComposer(mailOf(message, this.options.from)).compile();
    const bytes = await mail.build();
    let written = false;
    // Asked for by the connection when the server has taken the envelope.
    const body = new Readable({
      read() {
        written = true;
        this.push(bytes);
        this.push(null);
      },
    });
    try {
      await deliver(this.options.url, mail.getEnvelope(), body, signal);
      return { kind: 'ok', ref: mail.messageId() };
    } catch (error) {
      return outcomeOf(error as SmtpError, written);
    }
  }
}

type SmtpError = Error & { readonly code?: string; readonly responseCode?: number };
type Envelope = Parameters<SMTPConnection['send']>[0];

function deliver(url: string, envelope: Envelope, body: Readable, signal: AbortSignal): Promise<void> {
  const { auth, ...options } = parseConnectionUrl(url);
  const connection = new SMTPConnection({
    ...options,
    // The attempt ends before its time in the outbox does.
    ...{
      connectionTimeout: ATTEMPT_MS,
      greetingTimeout: ATTEMPT_MS,
      socketTimeout: ATTEMPT_MS,
      dnsTimeout: ATTEMPT_MS,
    },
  });
  return new Promise<void>((resolve, reject) => {
    const abort = () => reject(new Error('no answer in time'));
    signal.addEventListener('abort', abort, { once: true });
    connection.on('error', reject);
    connection.on('end', () => reject(new Error('the server closed the connection')));
    const send = () =>
      connection.send(envelope, body, (error) => (error === null ? resolve() : reject(error)));
    connection.connect((failed) => {
      if (failed !== undefined) reject(failed);
      else if (auth === undefined || typeof auth !== 'object') send();
      else connection.login(auth, (error) => (error === null ? send() : reject(error)));
    });
  }).finally(() => connection.close());
}

/** A server that has answered has decided; one that has not may have taken what was written. */
function outcomeOf({ message: error, code, responseCode: status }: SmtpError, written: boolean): Outcome {
  if (status !== undefined && status >= 500)
    return { kind: 'perm', error, status, contactFault: code !== 'EAUTH' };
  if (status !== undefined && status >= 400) return { kind: 'temp', error, status };
  // The library itself refuses an address that is none.
  if (code === 'EENVELOPE') return { kind: 'perm', error, contactFault: true };
  return written ? { kind: 'unknown', error } : { kind: 'temp', error };
}

function mailOf(message: Message, from: string) {
  const { address: to, subject, idemKey, firstRef } = message;
  const domain = /@([\w.-]+)>?$/.exec(from)?.[1] ?? 'headcount.invalid';
  return {
    ...{ from, to, subject, text: plainText(message), html: htmlOf(message) },
    // The same for every attempt, so that servers and mail programs can tell a duplicate.
    messageId: `<${idemKey}@${domain}>`,
    // Mail programs show one incident as one conversation.
    ...(firstRef !== undefined && { inReplyTo: firstRef, references: firstRef }),
    // No answers by machines that are away.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
}

function htmlOf({ subject, lines, language, ackUrl, incidentUrl, runbookUrl }: Message): string {
  const words = wordsOf(language);
  const link = (label: string, url: string | undefined, style = '') =>
    url === undefined ? '' : `<p><a href="${escaped(url)}"${style}>${label}</a></p>`;
  const button =
    ' style="display:inline-block;padding:12px 20px;background:#087f5b;color:#fff;border-radius:6px;text-decoration:none"';
  return [
    `<!doctype html><html lang="${language}"><body style="font-family:sans-serif">`,
    `<p><strong>${escaped(subject)}</strong></p>`,
    ...lines.map((line) => `<p>${escaped(line)}</p>`),
    link(words.acknowledge, ackUrl, button),
    link(words.incident, incidentUrl),
    link(words.runbook, runbookUrl),
    '</body></html>',
  ].join('\n');
}
