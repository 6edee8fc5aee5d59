import {
  CONTRACT_VERSION,
  reportedMessageSchema,
  type DesiredMessage,
  type ReportedMessage,
} from '@headcount/shared';
import { ProblemError } from '../schema/problem.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { touchGateway } from './fleet.js';
import { cameraPresets, expandPresets, presetsIn } from './presets.js';
import type { Settings } from './settings.js';

/** Versions that are kept of one gateway's desired configuration. */
const VERSIONS_KEPT = 100;
/** Largest desired configuration in characters: sixteen cameras with all their lines and zones fit. */
export const MAX_SETTINGS_LENGTH = 256 * 1024;

/** Who asked for a configuration and when (UTC ms). */
export interface Author {
  readonly author: string;
  readonly at: number;
  /** What it came from, such as "version 3 again"; nothing for a change by hand. */
  readonly note?: string;
}

/** A desired configuration as it is stored. */
export interface Desired extends Required<Author> {
  readonly version: number;
  /** As somebody wrote it, with the names of presets. */
  readonly settings: Settings;
  /** As the gateway gets it, with the presets as they were then. */
  readonly sent: Settings;
}

/**
 * Store what a gateway's configuration should be from now on. The gateway checks it: only it knows its own file and
 * what its version understands.
 * @returns the new version
 * @throws ProblemError when there is no such gateway or preset, or the settings are too long
 */
export async function putDesired(
  db: Queryable,
  gateway: string,
  { settings, ...author }: Author & { readonly settings: Settings },
): Promise<number> {
  return inTransaction(db, async (trx) => {
    const sent =
      presetsIn(settings).length === 0 ? settings : expandPresets(settings, await cameraPresets(trx));
    return insertVersion(trx, gateway, { settings, sent, ...author });
  });
}

/**
 * Bring an earlier version back, as a new one that is word for word what the gateway got then.
 * @returns the new version
 * @throws ProblemError when that version is not kept
 */
export async function restoreDesired(
  db: Queryable,
  gateway: string,
  version: number,
  author: Author,
): Promise<number> {
  return inTransaction(db, async (trx) => {
    const { settings, sent } = await desiredVersion(trx, gateway, version);
    return insertVersion(trx, gateway, { settings, sent, note: `version ${version} again`, ...author });
  });
}

async function insertVersion(
  trx: Queryable,
  gateway: string,
  { author, at, note = '', ...wanted }: Author & { settings: Settings; sent: Settings },
): Promise<number> {
  const [settings, sent] = [JSON.stringify(wanted.settings), JSON.stringify(wanted.sent)];
  if (sent.length > MAX_SETTINGS_LENGTH)
    throw new ProblemError(400, `the settings are longer than ${MAX_SETTINGS_LENGTH} characters`);
  const known = await trx.selectFrom('gateway').select('name').where('name', '=', gateway).executeTakeFirst();
  if (known === undefined) throw new ProblemError(404, `there is no gateway "${gateway}"`);
  const newest = await trx
    .selectFrom('desired_config')
    .select((select) => select.fn.max('version').as('version'))
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  const version = (newest?.version ?? 0) + 1;
  await trx
    .insertInto('desired_config')
    .values({ gateway, version, settings, sent: sent === settings ? null : sent, author, at, note })
    .execute();
  await trx
    .deleteFrom('desired_config')
    .where('gateway', '=', gateway)
    .where('version', '<=', version - VERSIONS_KEPT)
    .execute();
  return version;
}

/** What the gateway's configuration should be; undefined where nobody has asked for anything. */
export async function desiredOf(db: Queryable, gateway: string): Promise<Desired | undefined> {
  const [newest] = await desiredVersions(db, gateway, 1);
  return newest;
}

/** The newest versions of a gateway's desired configuration, the newest first. */
export async function desiredVersions(
  db: Queryable,
  gateway: string,
  most = VERSIONS_KEPT,
): Promise<Desired[]> {
  const rows = await db
    .selectFrom('desired_config')
    .selectAll()
    .where('gateway', '=', gateway)
    .orderBy('version', 'desc')
    .limit(most)
    .execute();
  return rows.map(fromRow);
}

/**
 * One version of a gateway's desired configuration.
 * @throws ProblemError when it is not kept
 */
export async function desiredVersion(db: Queryable, gateway: string, version: number): Promise<Desired> {
  const row = await db
    .selectFrom('desired_config')
    .selectAll()
    .where('gateway', '=', gateway)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row !== undefined) return fromRow(row);
  throw new ProblemError(
    404,
    `there is no version ${version} of the desired configuration of "${gateway}"; the last ${VERSIONS_KEPT} are kept`,
  );
}

type Row = Pick<Tables['desired_config'], 'version' | 'settings' | 'author' | 'at'> & {
  readonly sent: string | null;
  readonly note: string;
};

function fromRow({ version, author, at, note, ...row }: Row): Desired {
  const settings = JSON.parse(row.settings) as Settings;
  const sent = row.sent === null ? settings : (JSON.parse(row.sent) as Settings);
  return { version, author, at, note, settings, sent };
}

/** The newest desired configuration of every gateway that has one. */
export async function newestDesired(db: Queryable): Promise<(Desired & { gateway: string })[]> {
  const rows = await db
    .selectFrom('desired_config')
    .selectAll()
    .where((where) =>
      where(
        'version',
        '=',
        where
          .selectFrom('desired_config as other')
          .select(({ fn }) => fn.max('other.version').as('version'))
          .whereRef('other.gateway', '=', 'desired_config.gateway'),
      ),
    )
    .orderBy('gateway')
    .execute();
  return rows.map(({ gateway, ...row }) => ({ gateway, ...fromRow(row) }));
}

/** The newest version of every gateway that has one. */
export async function newestVersions(db: Queryable): Promise<{ gateway: string; version: number }[]> {
  const rows = await db
    .selectFrom('desired_config')
    .select((select) => ['gateway', select.fn.max('version').as('version')])
    .groupBy('gateway')
    .execute();
  return rows.map(({ gateway, version }) => ({ gateway, version }));
}

/** The message that a gateway gets. */
export function desiredMessage({ version, at, sent }: Desired): DesiredMessage {
  return { v: CONTRACT_VERSION, version, at, settings: sent };
}

/** Store what a gateway says about its configuration. */
export async function saveReported(
  store: Store,
  gateway: string,
  reported: ReportedMessage,
  now: number,
): Promise<void> {
  const body = JSON.stringify(reported);
  await store.transaction().execute(async (trx) => {
    await touchGateway(trx, gateway, now);
    await trx
      .insertInto('reported_config')
      .values({ gateway, body, received_at: now })
      .onConflict((conflict) => conflict.column('gateway').doUpdateSet({ body, received_at: now }))
      .execute();
  });
}

/** What a gateway last said about its configuration; undefined before it has. */
export async function reportedOf(db: Queryable, gateway: string): Promise<ReportedMessage | undefined> {
  const row = await db
    .selectFrom('reported_config')
    .select('body')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  return row && reportedMessageSchema.parse(JSON.parse(row.body));
}
