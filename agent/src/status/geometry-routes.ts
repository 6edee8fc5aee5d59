import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { geometrySchema, type Geometry } from '../config/geometry.js';
import { problem } from './problem.js';

/** Sixteen lines and sixteen zones with all their corners fit. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** What is drawn on the cameras. */
export interface GeometrySource {
  /** What is drawn on a camera; undefined for a camera that does not exist. */
  geometry(camera: string): Geometry | undefined;
  /**
   * Count with other lines and zones from now on, also after a restart.
   * @throws Error when it cannot be written; the old ones stay in use then
   */
  setGeometry(camera: string, geometry: Geometry): Promise<void>;
}

/** What is drawn on a camera: read it, and replace it as a whole. */
export function geometryRoutes(app: FastifyInstance, source: GeometrySource): void {
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
