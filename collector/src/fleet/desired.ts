import {
  CONTRACT_VERSION,
  reportedMessageSchema,
  type DesiredMessage,
  type ReportedMessage,
} from '@headcount/shared';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import { FleetError, touchGateway } from './fleet.js';

/** Versions that are kept of one gateway's desired configuration. */
const VERSIONS_KEPT = 100;
/** Largest desired configuration in characters: sixteen cameras with all their lines and zones fit. */
export const MAX_SETTINGS_LENGTH = 256 * 1024;

/** A desired configuration as it is stored. Times are UTC ms. */
export interface Desired {
  readonly version: number;
  readonly settings: Record<string, unknown>;
  /** Who asked for it. */
  readonly author: string;
  readonly at: number;
}

/**
 * Store what a gateway's configuration should be from now on. The gateway checks it: only it knows its own file and
 * what its version understands.
 * @returns the new version
 * @throws FleetError when there is no such gateway, or the settings are too long
 */
export async function putDesired(
  db: Queryable,
  gateway: string,
  wanted: Omit<Desired, 'version'>,
): Promise<number> {
  const settings = JSON.stringify(wanted.settings);
  if (settings.length > MAX_SETTINGS_LENGTH)
    throw new FleetError(`the settings are longer than ${MAX_SETTINGS_LENGTH} characters`);
  return inTransaction(db, async (trx) => {
    const known = await trx
      .selectFrom('gateway')
      .select('name')
      .where('name', '=', gateway)
      .executeTakeFirst();
    if (known === undefined) throw new FleetError(`there is no gateway "${gateway}"`);
    const newest = await trx
      .selectFrom('desired_config')
      .select((select) => select.fn.max('version').as('version'))
      .where('gateway', '=', gateway)
      .executeTakeFirst();
    const version = (newest?.version ?? 0) + 1;
    const { author, at } = wanted;
    await trx.insertInto('desired_config').values({ gateway, version, settings, author, at }).execute();
    await trx
      .deleteFrom('desired_config')
      .where('gateway', '=', gateway)
      .where('version', '<=', version - VERSIONS_KEPT)
      .execute();
    return version;
  });
}

/** What the gateway's configuration should be; undefined where nobody has asked for anything. */
export async function desiredOf(store: Store, gateway: string): Promise<Desired | undefined> {
  const row = await store
    .selectFrom('desired_config')
    .selectAll()
    .where('gateway', '=', gateway)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      version: row.version,
      settings: JSON.parse(row.settings) as Record<string, unknown>,
      author: row.author,
      at: row.at,
    }
  );
}

/** The newest version of every gateway that has one. */
export async function newestVersions(store: Store): Promise<{ gateway: string; version: number }[]> {
  const rows = await store
    .selectFrom('desired_config')
    .select((select) => ['gateway', select.fn.max('version').as('version')])
    .groupBy('gateway')
    .execute();
  return rows.map(({ gateway, version }) => ({ gateway, version }));
}

/** The message that a gateway gets. */
export function desiredMessage({ version, at, settings }: Desired): DesiredMessage {
  return { v: CONTRACT_VERSION, version, at, settings };
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
export async function reportedOf(store: Store, gateway: string): Promise<ReportedMessage | undefined> {
  const row = await store
    .selectFrom('reported_config')
    .select('body')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  return row && reportedMessageSchema.parse(JSON.parse(row.body));
}
