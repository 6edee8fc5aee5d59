import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { WalkTests } from '../commissioning/walk-test.js';
import { problem } from './problem.js';

const startSchema = z.strictObject({ camera: z.string().max(64), line: z.string().max(64) });
const crossings = z.int().min(0).max(1000);
const walkedSchema = z.strictObject({ in: crossings, out: crossings });

/** Begin, follow, finish or give up the walk test. */
export function walkTestRoutes(app: FastifyInstance, walkTests: WalkTests): void {
  app.get('/api/walk-test', async () => Promise.resolve({ running: walkTests.running() ?? null }));
  app.post('/api/walk-test', async (request, reply) => {
    const parsed = startSchema.safeParse(request.body);
    if (!parsed.success) return problem(reply, 400, 'send {"camera": "…", "line": "…"}');
    const running = walkTests.start(parsed.data.camera, parsed.data.line);
    return running === undefined ? problem(reply, 404, 'there is no such line') : { running };
  });
  app.post('/api/walk-test/finish', async (request, reply) => {
    const parsed = walkedSchema.safeParse(request.body);
    if (!parsed.success)
      return problem(reply, 400, 'send how often was walked as {"in": 10, "out": 10}, 0 to 1000 each');
    const signed = walkTests.finish(parsed.data);
    return signed ?? problem(reply, 404, 'no walk test is under way; start one first');
  });
  app.delete('/api/walk-test', async (_request, reply) => {
    walkTests.cancel();
    return reply.code(204).send();
  });
}
