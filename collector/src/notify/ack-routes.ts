import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../schema/problem.js';
import { Attempts } from '../security/attempts.js';
import { ackPage, type AckPage } from './ack-page.js';
import { linkOf, useLink, type AnswerSide } from './answers.js';
import { messageOf } from './template.js';

/** Wrong links of one address before it has to wait; 256 bits cannot be guessed, this keeps the log and the database quiet. */
const WRONG_LINKS = { limit: 20, windowMs: 10 * 60_000 };
const BOTH = ['en', 'vi'] as const;

/** Open to everybody: the link is the proof. */
const options = { config: { public: true }, schema: { hide: true } } as const;
type Params = { Params: { token: string } };

/**
 * One-time links of messages. Opening one shows a page with a button and changes nothing, because mail scanners open every
 * link; the button does it.
 */
export function ackRoutes(app: FastifyInstance, side: AnswerSide & { publicUrl: string | undefined }): void {
  const wrong = new Attempts(WRONG_LINKS);
  const refused = ({ ip }: FastifyRequest) => wrong.refusedFor(ip, side.now()) > 0;
  app.get<Params>('/ack/:token', options, async (request, reply) => {
    if (refused(request)) return show(reply, 429, { languages: BOTH, what: 'busy' });
    const link = await linkOf(side, request.params.token);
    if (link === undefined) return unknown(request, reply);
    return show(reply, link.open ? 200 : 410, {
      ...(await about(request)),
      what: link.open ? 'ask' : 'already',
    });
  });
  app.post<Params>('/ack/:token', options, async (request, reply) => {
    if (refused(request)) return show(reply, 429, { languages: BOTH, what: 'busy' });
    try {
      const what = await useLink(side, request.params.token, request.ip);
      if (what === 'unknown') return await unknown(request, reply);
      return await show(reply, what === 'done' ? 200 : 410, { ...(await about(request)), what });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return show(reply, error.status, {
        ...(await about(request)),
        what: 'already',
        problem: error.message,
      });
    }
  });

  async function about({ params }: FastifyRequest): Promise<Omit<AckPage, 'what'>> {
    const link = await linkOf(side, (params as Params['Params']).token);
    if (link === undefined) return { languages: BOTH };
    const context = { publicUrl: side.publicUrl, token: undefined, firstRef: undefined };
    const { subject, incidentUrl, language } = messageOf(link.row, context);
    return { languages: [language], subject, incidentUrl };
  }

  function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    wrong.fail(request.ip, side.now());
    return show(reply, 404, { languages: BOTH, what: 'unknown' });
  }
}

function show(reply: FastifyReply, status: number, page: AckPage): FastifyReply {
  return (
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      // The strictest policy makes browsers send the button's request without an origin, which the guard refuses.
      .header('referrer-policy', 'same-origin')
      .send(ackPage(page, reply.cspNonce.style))
  );
}
