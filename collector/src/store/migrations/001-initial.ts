import { sql, type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Fleet, counts, edges, samples, ingest book-keeping and logins. */
export async function initial(db: Kysely<unknown>): Promise<void> {
  await fleet(db);
  await measurements(db);
  await security(db);
}

async function fleet(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('site')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('time_zone', 'text', required)
    .execute();
  await db.schema
    .createTable('gateway')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('site', 'text', (column) => column.notNull().references('site.name'))
    .addColumn('secret_hash', 'text', required)
    .addColumn('added_at', 'bigint', required)
    .addColumn('status', 'text', (column) =>
      column.notNull().check(sql`status IN ('online', 'stopped', 'offline', 'never-seen')`),
    )
    .addColumn('status_since', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('boot_id', 'text')
    .addColumn('version', 'text')
    .addColumn('config_version', 'text')
    .addColumn('model_hash', 'text')
    .execute();
  await db.schema
    .createTable('camera')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('state', 'text')
    .addColumn('cause', 'text')
    .addColumn('since', 'bigint')
    .addColumn('present', 'integer', required)
    .addPrimaryKeyConstraint('camera_key', ['gateway', 'id'])
    .execute();
  await db.schema
    .createTable('line')
    .addColumn('gateway', 'text', required)
    .addColumn('camera', 'text', required)
    .addColumn('id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('present', 'integer', required)
    .addColumn('first_at', 'bigint', required)
    .addColumn('last_at', 'bigint')
    .addPrimaryKeyConstraint('line_key', ['gateway', 'camera', 'id'])
    .execute();
}

/** Every record is stored once per gateway, epoch and seq: the key is what makes ingest idempotent. */
function recordTable(
  db: Kysely<unknown>,
  name: string,
): CreateTableBuilder<string, 'gateway' | 'epoch' | 'seq'> {
  return db.schema
    .createTable(name)
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', required)
    .addColumn('seq', 'bigint', required)
    .addPrimaryKeyConstraint(`${name}_key`, ['gateway', 'epoch', 'seq']);
}

async function measurements(db: Kysely<unknown>): Promise<void> {
  await recordTable(db, 'count_interval')
    .addColumn('camera', 'text', required)
    .addColumn('line', 'text', required)
    .addColumn('start_at', 'bigint', required)
    .addColumn('end_at', 'bigint', required)
    .addColumn('in_count', 'integer', required)
    .addColumn('out_count', 'integer', required)
    .addColumn('total_in', 'bigint', required)
    .addColumn('total_out', 'bigint', required)
    .addColumn('occupancy_min', 'integer')
    .addColumn('occupancy_max', 'integer')
    .addColumn('occupancy_mean', 'double precision')
    .addColumn('observed_ms', 'integer', required)
    .addColumn('gaps', 'text', required)
    .addColumn('config_version', 'text', required)
    .addColumn('model_hash', 'text', required)
    .addColumn('received_at', 'bigint', required)
    .addCheckConstraint(
      'count_interval_time',
      sql`end_at > start_at AND observed_ms BETWEEN 0 AND end_at - start_at`,
    )
    .execute();
  // Holds every column that the sums read, so that a report over weeks never touches the table itself.
  await db.schema
    .createIndex('count_interval_time_index')
    .on('count_interval')
    .columns(['gateway', 'camera', 'line', 'start_at', 'end_at', 'observed_ms', 'in_count', 'out_count'])
    .execute();
  await recordTable(db, 'camera_edge')
    .addColumn('camera', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('cause', 'text', required)
    .addColumn('at', 'bigint', required)
    .execute();
  await recordTable(db, 'host_sample')
    .addColumn('at', 'bigint', required)
    .addColumn('body', 'text', required)
    .execute();
  await db.schema.createIndex('host_sample_time').on('host_sample').columns(['gateway', 'at']).execute();
  await recordTable(db, 'gateway_event')
    .addColumn('at', 'bigint', required)
    .addColumn('event', 'text', required)
    .addColumn('detail', 'text', required)
    .execute();
  await db.schema
    .createTable('ingest_cursor')
    .addColumn('gateway', 'text', required)
    .addColumn('epoch', 'text', required)
    .addColumn('stored_up_to', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addPrimaryKeyConstraint('ingest_cursor_key', ['gateway', 'epoch'])
    .execute();
  await db.schema
    .createTable('seq_hole')
    .addColumn('gateway', 'text', required)
    .addColumn('epoch', 'text', required)
    .addColumn('from_seq', 'bigint', required)
    .addColumn('to_seq', 'bigint', required)
    .addColumn('found_at', 'bigint', required)
    .addPrimaryKeyConstraint('seq_hole_key', ['gateway', 'epoch', 'from_seq'])
    .execute();
  await db.schema
    .createTable('dead_letter')
    .addColumn('id', isPostgres(db) ? 'bigint' : 'integer', (column) =>
      isPostgres(db) ? column.primaryKey().generatedAlwaysAsIdentity() : column.primaryKey().autoIncrement(),
    )
    .addColumn('gateway', 'text', required)
    .addColumn('topic', 'text', required)
    .addColumn('epoch', 'text', required)
    .addColumn('seq', 'bigint', required)
    .addColumn('reason', 'text', required)
    .addColumn('payload', 'text', required)
    .addColumn('payload_sha256', 'text', required)
    .addColumn('at', 'bigint', required)
    .addUniqueConstraint('dead_letter_once', ['gateway', 'topic', 'payload_sha256', 'epoch', 'seq'])
    .execute();
}

async function security(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user')
    .addColumn('username', 'text', (column) => column.primaryKey())
    .addColumn('password_hash', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .execute();
  await db.schema
    .createTable('session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addColumn('expires_at', 'bigint', required)
    .execute();
}
