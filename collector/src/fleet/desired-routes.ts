import { slugSchema } from '@headcount/shared';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import {
  desiredSchema,
  putDesiredSchema,
  reportedSchema,
  restoreSchema,
  versionsSchema,
} from '../schema/remote.js';
import type { Queryable, Store } from '../store/store.js';
import {
  desiredOf,
  desiredVersion,
  desiredVersions,
  MAX_SETTINGS_LENGTH,
  putDesired,
  reportedOf,
  restoreDesired,
  type Author,
  type Desired,
} from './desired.js';
import { diffSettings } from './settings.js';

/** What the routes need. */
export interface DesiredRouteOptions {
  readonly store: Store;
  /** Called after a change, so that the gateway hears of it at once. */
  readonly onDesired: () => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
}

const params = z.object({ name: slugSchema });
const reader = { role: 'viewer', scope: 'fleet:read' } as const;
const writer = { role: 'admin', scope: 'fleet:write' } as const;
/** Versions of one answer. */
const VERSIONS_SHOWN = 20;

/** `/api/v1/gateways/:name/desired` with its versions, and `GET /api/v1/gateways/:name/reported`. */
export function desiredRoutes(app: FastifyInstance, options: DesiredRouteOptions): void {
  readRoutes(app, options);
  changeRoutes(app, options);
}

function readRoutes(app: FastifyInstance, { store }: DesiredRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/gateways/:name/desired',
    {
      config: reader,
      schema: { summary: 'Desired configuration', params, response: { 200: desiredSchema } },
    },
    async ({ params: { name } }) => {
      const desired = await desiredOf(store, name);
      if (desired === undefined)
        throw new ProblemError(404, `nobody has asked for a configuration of "${name}"; its own file counts`);
      return desired;
    },
  );
  api.get(
    '/api/v1/gateways/:name/desired/versions',
    {
      config: reader,
      schema: {
        summary: `The last ${VERSIONS_SHOWN} versions of the desired configuration, the newest first, with what each changed`,
        params,
        response: { 200: versionsSchema },
      },
    },
    async ({ params: { name } }) => {
      const versions = await desiredVersions(store, name, VERSIONS_SHOWN + 1);
      return {
        versions: versions.slice(0, VERSIONS_SHOWN).map((one, index) => against(one, versions[index + 1])),
      };
    },
  );
  api.get(
    '/api/v1/gateways/:name/desired/versions/:version',
    {
      config: reader,
      schema: {
        summary: 'One version of the desired configuration',
        params: params.extend({ version: z.coerce.number().int().min(1) }),
        response: { 200: desiredSchema },
      },
    },
    async ({ params: { name, version } }) => desiredVersion(store, name, version),
  );
  api.get(
    '/api/v1/gateways/:name/reported',
    {
      config: reader,
      schema: {
        summary: 'What a gateway says about its configuration',
        params,
        response: { 200: reportedSchema },
      },
    },
    async ({ params: { name } }) => {
      const reported = await reportedOf(store, name);
      if (reported === undefined)
        throw new ProblemError(404, `gateway "${name}" has not reported its configuration yet`);
      return reported;
    },
  );
}

function changeRoutes(app: FastifyInstance, { store, onDesired, now }: DesiredRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  /** Make a version with its entry of the audit log, and tell the gateway. */
  const change = async (
    request: FastifyRequest,
    name: string,
    action: string,
    make: (trx: Queryable, author: Author) => Promise<number>,
  ) => {
    const author = { author: request.username, at: now() };
    const entry = { ...senderOf(request), action, object: name };
    const made = await recorded(
      store,
      ({ version }: Desired) => ({ ...entry, detail: `version ${version}` }),
      author.at,
      async (trx) => desiredVersion(trx, name, await make(trx, author)),
    );
    await onDesired();
    return made;
  };
  api.put(
    '/api/v1/gateways/:name/desired',
    {
      config: writer,
      // UTF-8 and the JSON around it.
      bodyLimit: 2 * MAX_SETTINGS_LENGTH,
      schema: {
        summary: 'Change the configuration of a gateway; it checks it, tries it and reports',
        params,
        body: putDesiredSchema,
        response: { 200: desiredSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { settings } = request.body;
      return change(request, name, 'desired.put', (trx, author) =>
        putDesired(trx, name, { settings, ...author }),
      );
    },
  );
  api.post(
    '/api/v1/gateways/:name/desired/restore',
    {
      config: writer,
      schema: {
        summary: 'Bring an earlier version of the desired configuration back, as a new one',
        params,
        body: restoreSchema,
        response: { 200: desiredSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { version } = request.body;
      return change(request, name, 'desired.restore', (trx, author) =>
        restoreDesired(trx, name, version, author),
      );
    },
  );
}

/** A version with what it changed. */
function against(version: Desired, before: Desired | undefined) {
  const { author, at, note, sent } = version;
  return { version: version.version, author, at, note, changes: diffSettings(before?.sent ?? {}, sent) };
}
