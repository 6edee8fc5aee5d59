import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** What arrived: a mail, or a message in the chat. */
export interface Post {
  readonly by: 'mail' | 'chat';
  readonly to: string;
  readonly text: string;
}

/** A mail server and a chat on loopback, for somebody who has neither; they keep nothing and send nothing on. */
export class Postbox {
  private readonly mail: SMTPServer;
  private readonly chat: Server;

  private constructor(mail: SMTPServer, chat: Server) {
    this.mail = mail;
    this.chat = chat;
  }

  static async open(onPost: (post: Post) => void): Promise<Postbox> {
    const mail = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, { envelope }, done) => {
        simpleParser(stream).then(({ text = '' }) => {
          onPost({ by: 'mail', to: envelope.rcptTo.map(({ address }) => address).join(), text });
          done();
        }, done);
      },
    });
    const chat = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { subject } = JSON.parse(Buffer.concat(chunks).toString()) as { subject: string };
        onPost({ by: 'chat', to: 'operations', text: subject });
        response.writeHead(204).end();
      });
    });
    mail.listen(0, '127.0.0.1');
    chat.listen(0, '127.0.0.1');
    await Promise.all([once(mail.server, 'listening'), once(chat, 'listening')]);
    return new Postbox(mail, chat);
  }

  /** For SMTP_URL. */
  get mailUrl(): string {
    return `smtp://127.0.0.1:${(this.mail.server.address() as AddressInfo).port}`;
  }

  /** Takes the collector's signed webhooks. */
  get chatUrl(): string {
    return `http://127.0.0.1:${(this.chat.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.chat.closeAllConnections();
    this.chat.close();
    await new Promise<void>((resolve) => this.mail.close(() => resolve()));
  }
}
