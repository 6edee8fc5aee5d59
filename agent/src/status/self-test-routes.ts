import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { StepResult } from '../self-test/steps.js';
import { problem } from './problem.js';

/** Looks at the way to the collector, step by step. */
export type SelfTest = (signal: AbortSignal) => AsyncIterable<StepResult>;

/**
 * `POST /api/self-test` answers with one JSON object per line, each as soon as its step is done; it ends early when the
 * asker goes away. One test at a time.
 */
export function selfTestRoutes(app: FastifyInstance, selfTest: SelfTest): void {
  let running = false;
  app.post('/api/self-test', async (_request, reply) => {
    if (running) return problem(reply, 409, 'a self-test is under way; wait until it ends');
    running = true;
    const gone = new AbortController();
    const body = Readable.from(lines(selfTest(gone.signal)));
    body.once('close', () => {
      running = false;
      gone.abort();
    });
    return reply.type('application/x-ndjson').send(body);
  });
}

async function* lines(results: AsyncIterable<StepResult>): AsyncGenerator<string> {
  for await (const result of results) yield `${JSON.stringify(result)}\n`;
}
