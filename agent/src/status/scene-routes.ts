import type { FastifyInstance } from 'fastify';
import { problem } from './problem.js';

/** Says that pictures are right. */
export interface SceneSource {
  /** Take a camera's picture as it is for the new reference; undefined when there is no such camera. */
  acceptScene(camera: string): Promise<void> | undefined;
}

/** A person accepts what a camera shows. */
export function sceneRoutes(app: FastifyInstance, source: SceneSource): void {
  app.post<{ Params: { id: string } }>('/api/cameras/:id/reference', async (request, reply) => {
    const accepted = source.acceptScene(request.params.id);
    if (accepted === undefined) return problem(reply, 404, `there is no camera ${request.params.id}`);
    await accepted;
    return reply.code(204).send();
  });
}
