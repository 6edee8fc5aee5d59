import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Inbox } from './inbox.js';

/** A request as it came. */
export interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Called when the answer has left this process. */
  readonly sent?: () => void;
}

/** The dialect that a receiver speaks. */
export interface Dialect {
  readonly name: string;
  /** Why nobody may send this there; undefined when it is well formed. */
  readonly problem: (incoming: Incoming) => string | undefined;
  /** What a success looks like. */
  readonly success: (incoming: Incoming) => Answer;
}

/** An HTTP server on loopback that speaks one dialect; what it does not understand, or nobody takes out, fails the test. */
export class HttpReceiver {
  readonly inbox: Inbox<Incoming>;
  url = '';
  /** Answers before the usual ones, one for each request. */
  readonly answers: (Answer | ((incoming: Incoming) => Promise<Answer>))[] = [];

  private constructor(name: string) {
    this.inbox = new Inbox(name);
  }

  static async start({ name, problem, success }: Dialect): Promise<HttpReceiver> {
    const receiver = new HttpReceiver(name);
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const incoming = { method, path, headers, body: Buffer.concat(chunks).toString() };
        const wrong = problem(incoming);
        if (wrong === undefined) receiver.inbox.add(incoming);
        else receiver.inbox.refuse(`${wrong}: ${JSON.stringify(incoming)}`);
        const scripted = receiver.answers.shift() ?? success(incoming);
        const answer = typeof scripted === 'function' ? scripted(incoming) : Promise.resolve(scripted);
        void answer.then(({ status, headers: given, body = '', sent }) =>
          response.writeHead(status, given).end(body, sent),
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }
}
