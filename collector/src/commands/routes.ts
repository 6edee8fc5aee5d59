import { slugSchema, type CommandRequest } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit, senderOf } from '../audit-log/audit-log.js';
import { gatewayOverview } from '../fleet/overview.js';
import type { Releases } from '../releases/releases.js';
import { ProblemError } from '../schema/problem.js';
import { commandAnswerSchema, commandBodySchema, type CommandBody } from '../schema/remote.js';
import type { Store } from '../store/store.js';
import { CommandError, type Commands } from './commands.js';

/** How long a gateway may take (ms); an update is downloaded and checked before it answers. */
const WAIT_MS: Record<CommandBody['kind'], number> = {
  snapshot: 15_000,
  'restart-camera': 30_000,
  'log-level': 10_000,
  diagnostics: 60_000,
  update: 15 * 60_000,
};

/** What the route needs. */
export interface CommandRouteOptions {
  readonly store: Store;
  readonly commands: Commands;
  readonly releases: Releases;
  /** UTC ms. */
  readonly now: () => number;
}

/** `POST /api/v1/gateways/:name/commands`: ask a gateway for something, and answer with what became of it. */
export function commandRoutes(app: FastifyInstance, options: CommandRouteOptions): void {
  const { store, commands, now } = options;
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/gateways/:name/commands',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Ask a gateway for a picture, a restart of a camera, diagnostics, a log level or an update',
        params: z.object({ name: slugSchema }),
        body: commandBodySchema,
        response: { 200: commandAnswerSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { kind } = request.body;
      const [gateway] = await gatewayOverview(store, name);
      if (gateway === undefined) throw new ProblemError(404, `there is no gateway "${name}"`);
      if (gateway.status !== 'online') throw new ProblemError(409, `gateway "${name}" is not connected`);
      const command = await commandOf(request.body, gateway.version, options.releases);
      // The record of who asked for what: pictures show places where people are.
      const entry = { ...senderOf(request), action: `command.${kind}`, object: name };
      await audit(store, { ...entry, result: 'done', detail: JSON.stringify(request.body) }, now());
      try {
        return await commands.ask(name, command, WAIT_MS[kind]);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        throw new ProblemError(error.code === 'COMMAND_LIMIT' ? 503 : 504, error.message);
      }
    },
  );
}

async function commandOf(
  body: CommandBody,
  running: string | null,
  releases: Releases,
): Promise<CommandRequest> {
  if (body.kind !== 'update') return body;
  const { version, arch, allowDowngrade } = body;
  const [target, fallback] = await Promise.all([
    releases.find(version, arch),
    releases.find(running ?? '', arch),
  ]);
  if (target === undefined)
    throw new ProblemError(404, `the folder of releases holds no ${version} for ${arch}`);
  if (fallback === undefined)
    throw new ProblemError(
      409,
      `the folder of releases holds no ${running ?? 'unknown version'} for ${arch}, so there would be no way back`,
    );
  return { kind: 'update', target, fallback, allowDowngrade };
}
