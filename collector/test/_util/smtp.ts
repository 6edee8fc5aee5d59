import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { Inbox } from './inbox.js';

/** A mail as its reader sees it. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo: string | undefined;
}

/** A mail server on loopback; it wants a password. Hooks may wait, or throw what the server answers. */
export class TestSmtp {
  readonly inbox = new Inbox<Mail>('the mail server');
  url = '';
  /** Before the greeting. */
  onConnect: () => Promise<void> = () => Promise.resolve();
  onRecipient: (address: string) => void = () => undefined;
  /** After the body is there, before it is answered. */
  onBody: (mail: Mail) => Promise<void> = () => Promise.resolve();

  static async start(): Promise<TestSmtp> {
    const smtp = new TestSmtp();
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      closeTimeout: 10,
      onAuth: ({ username, password }, _session, done) =>
        username === 'headcount' && password === 'mail secret'
          ? done(null, { user: username })
          : done(smtpError(535, 'wrong password')),
      onConnect: (_session, done) => void answer(smtp.onConnect(), done),
      onRcptTo: ({ address }, _session, done) => {
        try {
          smtp.onRecipient(address);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
      onData: (stream, session, done) =>
        void answer(
          simpleParser(stream).then(async ({ subject = '', text = '', html, messageId = '', inReplyTo }) => {
            const to = session.envelope.rcptTo.map(({ address }) => address).join();
            const mail = { to, subject, text, html: html || '', messageId, inReplyTo };
            await smtp.onBody(mail);
            smtp.inbox.add(mail);
          }),
          done,
        ),
    });
    // A client that is killed breaks off.
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;
    smtp.url = `smtp://headcount:mail%20secret@127.0.0.1:${port}`;
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return smtp;
  }
}

async function answer(work: Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  try {
    await work;
    done();
  } catch (error) {
    done(error as Error);
  }
}

/** What the server answers. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
