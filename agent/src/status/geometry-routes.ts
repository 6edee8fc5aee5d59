import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import { geometrySchema } from '../config/geometry.js';
import type { StatusSource } from './agent-status.js';

/** Sixteen lines and sixteen zones with all their corners fit. */
const BODY_LIMIT_BYTES = 64 * 1024;

type Problem = (reply: FastifyReply, status: number, detail: string) => FastifyReply;

/** What is drawn on a camera: read it, and replace it as a whole. */
export function geometryRoutes(app: FastifyInstance, source: StatusSource, problem: Problem): void {
  app.get<{ Params: { id: string } }>('/api/cameras/:id/geometry', async (request, reply) => {
    const geometry = source.geometry(request.params.id);
    return geometry ?? problem(reply, 404, `there is no camera ${request.params.id}`);
  });
  app.put<{ Params: { id: string } }>(
    '/api/cameras/:id/geometry',
    { bodyLimit: BODY_LIMIT_BYTES },
    async (request, reply) => {
      const { id } = request.params;
      if (source.geometry(id) === undefined) return problem(reply, 404, `there is no camera ${id}`);
      const parsed = geometrySchema.safeParse(request.body);
      if (!parsed.success) return problem(reply, 422, wordsOf(parsed.error));
      await source.setGeometry(id, parsed.data);
      return source.geometry(id);
    },
  );
}

/** Every problem with the name of what was drawn, in one text. */
function wordsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
