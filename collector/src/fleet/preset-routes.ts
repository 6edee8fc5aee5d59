import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { presetBodySchema, presetSchema, presetsSchema } from '../schema/presets.js';
import type { Queryable, Store } from '../store/store.js';
import { newestDesired } from './desired.js';
import {
  cameraPresets,
  expandPresets,
  isBehind,
  isBuiltIn,
  presetsIn,
  putPreset,
  removePreset,
} from './presets.js';

const params = z.object({ name: slugSchema });
const writer = { role: 'admin', scope: 'fleet:write' } as const;

/** `/api/v1/camera-presets`: settings that many cameras share. */
export function presetRoutes(
  app: FastifyInstance,
  { store, now }: { store: Store; now: () => number },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/camera-presets',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Settings that many cameras share: those of common makes, and your own',
        response: { 200: presetsSchema },
      },
    },
    async () => {
      const presets = await cameraPresets(store);
      const desired = await newestDesired(store);
      return {
        presets: [...presets.values()].map((preset) => ({
          ...preset,
          builtIn: isBuiltIn(preset.name),
          gateways: desired
            .filter(({ settings }) => presetsIn(settings).includes(preset.name))
            .map((stored) => ({ name: stored.gateway, behind: isBehind(stored, presets) })),
        })),
      };
    },
  );
  api.put(
    '/api/v1/camera-presets/:name',
    {
      config: writer,
      schema: {
        summary: 'Add or change a preset; gateways that use it change with the next roll-out',
        params,
        body: presetBodySchema,
        response: { 200: presetSchema },
      },
    },
    async (request) => {
      const preset = { ...request.body, name: request.params.name };
      const entry = { ...senderOf(request), action: 'preset.put', object: preset.name };
      await recorded(store, entry, now(), async (trx) => {
        await putPreset(trx, preset, { author: request.username, at: now() });
        const presets = await cameraPresets(trx);
        // A change that leaves one of its users without an address is refused.
        for (const { settings } of await newestDesired(trx)) expandPresets(settings, presets);
      });
      return preset;
    },
  );
  api.delete(
    '/api/v1/camera-presets/:name',
    {
      config: writer,
      schema: { summary: 'Take a preset away that nobody uses', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { name } = request.params;
      const entry = { ...senderOf(request), action: 'preset.remove', object: name };
      await recorded(store, entry, now(), async (trx) => removePreset(trx, name, await usersOf(trx, name)));
      return reply.code(204).send(null);
    },
  );
}

async function usersOf(db: Queryable, preset: string): Promise<string[]> {
  const desired = await newestDesired(db);
  return desired.filter(({ settings }) => presetsIn(settings).includes(preset)).map(({ gateway }) => gateway);
}
