import type { BirthMessage, CameraRecord, StateMessage } from '@headcount/shared';
import { sql } from 'kysely';
import { ProblemError } from '../schema/problem.js';
import { hashSecret, newSecret } from '../security/secrets.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { GatewayStatus } from '../store/tables.js';
import { matchVerdicts } from './verdict-rows.js';

/** A gateway to add; `timeZone` is that of a new site, and must be that of a site that exists when it is given. */
export interface NewGateway {
  readonly name: string;
  readonly site: string;
  readonly timeZone: string | undefined;
}

/**
 * Add a gateway and its site where it is new.
 * @returns the password, which is stored only as a hash
 * @throws ProblemError when the name is taken, or the site exists in another time zone
 */
export async function addGateway(
  db: Queryable,
  gateway: NewGateway,
  context: { defaultTimeZone: string; now: number },
): Promise<string> {
  const { name, site, timeZone } = gateway;
  const password = newSecret();
  await inTransaction(db, async (trx) => {
    await trx
      .insertInto('site')
      .values({ name: site, time_zone: timeZone ?? context.defaultTimeZone })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { time_zone: zone } = await trx
      .selectFrom('site')
      .select('time_zone')
      .where('name', '=', site)
      .executeTakeFirstOrThrow();
    if (timeZone !== undefined && timeZone !== zone) {
      throw new ProblemError(
        409,
        `site "${site}" is in ${zone} already; leave --time-zone out or name another site`,
      );
    }
    const added = await trx
      .insertInto('gateway')
      .values({ name, site, secret_hash: hashSecret(password), added_at: context.now, status: 'never-seen' })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows !== 1n) {
      throw new ProblemError(
        409,
        `there is a gateway "${name}" already; --new-password gives it another password`,
      );
    }
  });
  return password;
}

/**
 * Store what a state message says.
 * @param from.instance the collector that the gateway is connected to
 * @returns the new status when it changed
 */
export async function applyState(
  store: Store,
  from: { gateway: string; instance: string },
  message: StateMessage,
  now: number,
): Promise<GatewayStatus | undefined> {
  const { gateway, instance } = from;
  return store.transaction().execute(async (trx) => {
    await touchGateway(trx, gateway, now);
    const before = await trx
      .selectFrom('gateway')
      .select(['status', 'boot_id'])
      .where('name', '=', gateway)
      .executeTakeFirstOrThrow();
    // The will of a connection that was replaced arrives after the new birth when the boot is another one.
    if (message.status === 'offline' && before.boot_id !== null && before.boot_id !== message.bootId)
      return undefined;
    const changed =
      before.status !== message.status || (message.status === 'online' && before.boot_id !== message.bootId);
    await trx
      .updateTable('gateway')
      .set({
        status: message.status,
        boot_id: message.bootId,
        ...(message.status === 'online' && { instance }),
        ...(changed && { status_since: now }),
      })
      .where('name', '=', gateway)
      .execute();
    if (message.status === 'online') await applyBirth(trx, gateway, message);
    return changed ? message.status : undefined;
  });
}

async function applyBirth(
  trx: Queryable,
  gateway: string,
  birth: Extract<StateMessage, { status: 'online' }>,
): Promise<void> {
  const { version, configVersion: config_version, modelHash: model_hash, cameras } = birth;
  await trx
    .updateTable('gateway')
    .set({ version, config_version, model_hash })
    .where('name', '=', gateway)
    .execute();
  await trx.updateTable('camera').set({ present: 0 }).where('gateway', '=', gateway).execute();
  await trx.updateTable('line').set({ present: 0 }).where('gateway', '=', gateway).execute();
  await trx.updateTable('zone').set({ present: 0 }).where('gateway', '=', gateway).execute();
  for (const { id, name, lines, zones } of cameras) {
    await trx
      .insertInto('camera')
      .values({ gateway, id, name, present: 1 })
      .onConflict((conflict) => conflict.columns(['gateway', 'id']).doUpdateSet({ name, present: 1 }))
      .execute();
    for (const line of lines) {
      await trx
        .insertInto('line')
        .values({ gateway, camera: id, id: line.id, first_at: birth.at, ...described(line) })
        .onConflict((conflict) => conflict.columns(['gateway', 'camera', 'id']).doUpdateSet(described(line)))
        .execute();
    }
    for (const { id: zone, name: label, capacity } of zones) {
      const known = { name: label, capacity, present: 1 };
      await trx
        .insertInto('zone')
        .values({ gateway, camera: id, id: zone, first_at: birth.at, ...known })
        .onConflict((conflict) => conflict.columns(['gateway', 'camera', 'id']).doUpdateSet(known))
        .execute();
    }
  }
  await matchVerdicts(trx, gateway);
}

/** What a birth says of a line. */
function described({ name, directions, entrance }: BirthMessage['cameras'][number]['lines'][number]) {
  return { name, present: 1, entrance: entrance ? 1 : 0, name_in: directions.in, name_out: directions.out };
}

/**
 * The connection of a gateway has ended. Its will says the same; this also covers a client that ends the connection
 * without a goodbye, which would be online for ever.
 * @returns true when the gateway was online until now
 */
export async function disconnectGateway(
  store: Store,
  { gateway, instance }: { gateway: string; instance: string },
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await store
    .updateTable('gateway')
    .set({ status: 'offline', status_since: now })
    .where('name', '=', gateway)
    .where('status', '=', 'online')
    // It may be connected to another collector by now.
    .where('instance', '=', instance)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A camera's newest edge; its outbox sends edges in their order, so a clock that was set back does not matter. */
export async function applyCameraEdge(db: Queryable, gateway: string, edge: CameraRecord): Promise<void> {
  const { camera: id, state, cause, at: since } = edge;
  await db
    .insertInto('camera')
    .values({ gateway, id, name: id, state, cause, since, present: 0 })
    .onConflict((conflict) => conflict.columns(['gateway', 'id']).doUpdateSet({ state, cause, since }))
    .execute();
}

/** Time that counts of one line or zone cover: UTC ms, earliest start and latest end. */
export interface CountedSpan {
  readonly kind: 'line' | 'zone';
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Counts of a line or a zone arrived. One that no birth has named (a backlog from before a change of configuration) is
 * made, not present, so that its counts can be read.
 */
export async function extendCounted(db: Queryable, span: CountedSpan): Promise<void> {
  const { kind, gateway, camera, id, from, to } = span;
  await db
    .insertInto('camera')
    .values({ gateway, id: camera, name: camera, present: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const [first, last] = [sql.ref(`${kind}.first_at`), sql.ref(`${kind}.last_at`)];
  await db
    .insertInto(kind)
    .values({ gateway, camera, id, name: id, present: 0, first_at: from, last_at: to })
    .onConflict((conflict) =>
      conflict.columns(['gateway', 'camera', 'id']).doUpdateSet({
        first_at: sql<number>`CASE WHEN ${first} <= ${from} THEN ${first} ELSE ${from} END`,
        last_at: sql<number>`CASE WHEN ${last} >= ${to} THEN ${last} ELSE ${to} END`,
      }),
    )
    .execute();
}

/**
 * A message of any kind came from this gateway. As the first statement of a transaction it takes SQLite's write lock,
 * waiting for the command line if need be; a transaction that reads first would fail at once instead.
 */
export async function touchGateway(db: Queryable, gateway: string, now: number): Promise<void> {
  await db.updateTable('gateway').set({ last_seen_at: now }).where('name', '=', gateway).execute();
}

/** Names of the gateways that are connected now. */
export async function onlineGateways(store: Store): Promise<string[]> {
  const rows = await store.selectFrom('gateway').select('name').where('status', '=', 'online').execute();
  return rows.map(({ name }) => name);
}

/** Forget host samples from before this time (UTC ms); returns how many. */
export async function purgeHostSamples(store: Store, before: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('host_sample')
    .where('at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
