import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditClip, Audits } from '../audit/audits.js';
import type { AuditSummary } from '../audit/score.js';
import { problem } from './problem.js';

const querySchema = z.object({ camera: z.string().max(64) });
const crossings = z.int().min(0).max(1000);
const personSchema = z.strictObject({ in: crossings, out: crossings });
const GONE = 'this clip has gone or has been answered; take the next one';

/** The answer of `GET /api/audit`. */
export interface AuditList {
  readonly clips: readonly AuditClip[];
  readonly summary: readonly AuditSummary[];
}

/** Clips to audit, and what a person counted in them. */
export function auditRoutes(app: FastifyInstance, audits: Audits): void {
  app.get('/api/audit', async (request, reply) => {
    const parsed = querySchema.safeParse(request.query);
    if (!parsed.success) return problem(reply, 400, 'say which camera: /api/audit?camera=…');
    const { camera } = parsed.data;
    const list: AuditList = { clips: audits.clips(camera), summary: audits.summary(camera) };
    return list;
  });
  app.get<{ Params: { id: string } }>('/api/audit/:id/clip.jpg', async (request, reply) => {
    const picture = await audits.picture(request.params.id);
    if (picture === undefined) return problem(reply, 404, GONE);
    return reply.type('image/jpeg').send(picture);
  });
  app.post<{ Params: { id: string } }>('/api/audit/:id', async (request, reply) => {
    const parsed = personSchema.safeParse(request.body);
    if (!parsed.success)
      return problem(reply, 400, 'send how many crossed as {"in": 1, "out": 0}, 0 to 1000 each');
    const answer = await audits.answer(request.params.id, parsed.data);
    return answer ?? problem(reply, 404, GONE);
  });
}
