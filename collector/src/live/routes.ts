import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { LiveEvent } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import { sessionToken } from '../security/cookie.js';
import { sessionOf } from '../security/sessions.js';
import type { Store } from '../store/store.js';
import type { Live } from './live.js';

/** A comment now and then keeps proxies from closing a quiet connection (ms). */
const HEARTBEAT_MS = 15_000;

/** What the route needs. */
export interface LiveRouteOptions {
  readonly live: Live;
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** `GET /api/v1/live`: server-sent events; the event's name is its `type`. */
export function liveRoutes(app: FastifyInstance, { live, store, now, logger }: LiveRouteOptions): void {
  app.get(
    '/api/v1/live',
    { config: { role: 'viewer' }, schema: { summary: 'What happens now, as server-sent events' } },
    (request, reply) => {
      const token = sessionToken(request) ?? '';
      const body = new PassThrough();
      let behind = 0;
      const write = (text: string) => {
        behind += 1;
        body.write(text, () => (behind -= 1));
        return behind;
      };
      const leave = live.watch({ send: (event) => write(format(event)), close: () => body.end() });
      if (leave === undefined) throw new ProblemError(503, 'too many pages are open; close some');
      const heartbeat = setInterval(() => {
        write(': still here\n\n');
        // A page that stays open must not outlive its login.
        sessionOf(store, token, now()).then(
          (session) => session ?? body.end(),
          (error: unknown) => logger.error({ err: error }, 'a live session could not be checked'),
        );
      }, HEARTBEAT_MS);
      const end = () => {
        clearInterval(heartbeat);
        leave();
        body.destroy();
      };
      reply.raw.on('close', end);
      body.on('end', end);
      write('retry: 2000\n\n');
      return reply.header('cache-control', 'no-store').type('text/event-stream').send(body);
    },
  );
}

function format({ type, ...data }: LiveEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
