import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

const MINUTE_MS = 60_000;
/** Minutes after the start of an incident at which each level is paged. */
const LADDERS = {
  critical: [
    [1, 0],
    [1, 2],
    [2, 5],
    [3, 10],
    [4, 15],
  ],
  high: [
    [1, 0],
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 60],
  ],
  medium: [
    [1, 0],
    [2, 120],
    [3, 210],
    [4, 240],
  ],
  low: [
    [1, 0],
    [2, 1200],
    [4, 1440],
  ],
} as const;

/** Teams, contacts, schedules and who is on duty when. */
export async function oncall(db: Kysely<unknown>): Promise<void> {
  await teams(db);
  await contacts(db);
  await schedules(db);
  await overrides(db);
  await spans(db);
  await notesAndFeeds(db);
  await ladders(db);
  for (const rule of isPostgres(db) ? POSTGRES_RULES : SQLITE_RULES) await sql.raw(rule).execute(db);
}

async function teams(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('team')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('team_member')
    .addColumn('team', 'text', (column) => column.notNull().references('team.name').onDelete('cascade'))
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('team_member_key', ['team', 'username'])
    .execute();
}

async function contacts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_contact')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind IN ('email', 'slack', 'discord', 'sms', 'voice', 'webhook')`),
    )
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull().check(sql`language IN ('en', 'vi')`))
    .addColumn('verified', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('verified_at', 'bigint')
    .addColumn('code_hash', 'text')
    .addColumn('code_sent_at', 'bigint')
    .addColumn('code_tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('disabled_reason', 'text')
    .addColumn('last_ok_at', 'bigint')
    .addColumn('last_fail_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('user_contact_once', ['username', 'kind', 'address'])
    // What others point at, so that the database refuses an unverified contact as a target.
    .addUniqueConstraint('user_contact_verified', ['id', 'verified'])
    .addCheckConstraint('user_contact_proof', sql`verified = CASE WHEN verified_at IS NULL THEN 0 ELSE 1 END`)
    .addCheckConstraint('user_contact_code', sql`code_hash IS NULL OR verified_at IS NULL`)
    .execute();
}

const isLevel = sql`level BETWEEN 1 AND 4`;

/** The columns that name a schedule, which takes with it what belongs to it. */
function ofSchedule<T extends string>(
  table: CreateTableBuilder<T>,
  name: T,
): CreateTableBuilder<T, 'team' | 'level'> {
  return table
    .addColumn('team', 'text', (column) => column.notNull())
    .addColumn('level', 'integer', (column) => column.notNull())
    .addForeignKeyConstraint(`${name}_schedule`, ['team', 'level'], 'schedule', ['team', 'level'], (key) =>
      key.onDelete('cascade'),
    );
}

async function schedules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('schedule')
    .addColumn('team', 'text', (column) => column.notNull().references('team.name').onDelete('cascade'))
    .addColumn('level', 'integer', (column) => column.notNull().check(isLevel))
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('built_to', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('schedule_key', ['team', 'level'])
    .execute();
  await ofSchedule(db.schema.createTable('rotation'), 'rotation')
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind IN ('hours', 'days', 'weeks', 'months')`),
    )
    .addColumn('length', 'integer', (column) => column.notNull().check(sql`length > 0`))
    .addColumn('start', 'text', (column) => column.notNull())
    .addColumn('hours', 'text')
    .addPrimaryKeyConstraint('rotation_key', ['team', 'level', 'position'])
    .execute();
  await db.schema
    .createTable('rotation_member')
    .addColumn('team', 'text', (column) => column.notNull())
    .addColumn('level', 'integer', (column) => column.notNull())
    .addColumn('rotation', 'integer', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('username', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('rotation_member_key', ['team', 'level', 'rotation', 'position'])
    .addForeignKeyConstraint(
      'rotation_member_rotation',
      ['team', 'level', 'rotation'],
      'rotation',
      ['team', 'level', 'position'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'rotation_member_team',
      ['team', 'username'],
      'team_member',
      ['team', 'username'],
      (key) => key.onDelete('cascade'),
    )
    .execute();
}

async function overrides(db: Kysely<unknown>): Promise<void> {
  await ofSchedule(db.schema.createTable('oncall_override'), 'oncall_override')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint', (column) => column.notNull())
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('replaces', 'text', (column) => column.references('user.username').onDelete('cascade'))
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addCheckConstraint('oncall_override_span', sql`to_at > from_at`)
    .addCheckConstraint('oncall_override_other', sql`replaces <> username`)
    .execute();
  await db.schema
    .createIndex('oncall_override_time')
    .on('oncall_override')
    .columns(['team', 'level', 'to_at'])
    .execute();
}

async function spans(db: Kysely<unknown>): Promise<void> {
  await ofSchedule(db.schema.createTable('oncall_span'), 'oncall_span')
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint', (column) => column.notNull())
    // Whoever is removed is on duty no more, at once: the stretch is a gap.
    .addColumn('username', 'text', (column) => column.references('user.username').onDelete('set null'))
    .addColumn('override_id', 'text', (column) =>
      column.references('oncall_override.id').onDelete('set null'),
    )
    .addPrimaryKeyConstraint('oncall_span_key', ['team', 'level', 'from_at'])
    .addCheckConstraint('oncall_span_length', sql`to_at > from_at`)
    .execute();
  await db.schema.createIndex('oncall_span_end').on('oncall_span').columns(['to_at']).execute();
  await db.schema.createIndex('oncall_span_user').on('oncall_span').columns(['username', 'to_at']).execute();
}

async function notesAndFeeds(db: Kysely<unknown>): Promise<void> {
  await ofSchedule(db.schema.createTable('handover_note'), 'handover_note')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('handover_note_newest')
    .on('handover_note')
    .columns(['team', 'level', 'at'])
    .execute();
  await db.schema
    .createTable('calendar_feed')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addColumn('team', 'text')
    .addColumn('level', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addForeignKeyConstraint(
      'calendar_feed_schedule',
      ['team', 'level'],
      'schedule',
      ['team', 'level'],
      (key) => key.onDelete('cascade'),
    )
    .addCheckConstraint('calendar_feed_what', sql`(team IS NULL) = (level IS NULL)`)
    .execute();
}

async function ladders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('escalation_step')
    .addColumn('severity', 'text', (column) =>
      column.notNull().check(sql`severity IN ('critical', 'high', 'medium', 'low')`),
    )
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('level', 'integer', (column) => column.notNull().check(isLevel))
    .addColumn('offset_ms', 'bigint', (column) => column.notNull().check(sql`offset_ms >= 0`))
    .addPrimaryKeyConstraint('escalation_step_key', ['severity', 'position'])
    .execute();
  for (const [severity, steps] of Object.entries(LADDERS))
    for (const [position, [level, minutes]] of steps.entries())
      await sql`INSERT INTO escalation_step (severity, position, level, offset_ms)
        VALUES (${severity}, ${position}, ${level}, ${minutes * MINUTE_MS})`.execute(db);
}

const OVERLAP = `SELECT 1 FROM oncall_span WHERE team = NEW.team AND level = NEW.level
  AND from_at < NEW.to_at AND to_at > NEW.from_at`;

const SQLITE_RULES = [
  `CREATE TRIGGER oncall_span_insert BEFORE INSERT ON oncall_span WHEN EXISTS (${OVERLAP})
    BEGIN SELECT RAISE(ABORT, 'spans of a schedule must not overlap'); END`,
  `CREATE TRIGGER oncall_span_update BEFORE UPDATE OF team, level, from_at, to_at ON oncall_span
    WHEN EXISTS (${OVERLAP} AND rowid <> OLD.rowid)
    BEGIN SELECT RAISE(ABORT, 'spans of a schedule must not overlap'); END`,
  `CREATE TRIGGER user_contact_fixed BEFORE UPDATE OF username, kind, address ON user_contact
    BEGIN SELECT RAISE(ABORT, 'another address is another contact'); END`,
];

const POSTGRES_RULES = [
  `CREATE FUNCTION oncall_span_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (${OVERLAP} AND (TG_OP = 'INSERT' OR ctid <> OLD.ctid)) THEN
      RAISE EXCEPTION 'spans of a schedule must not overlap'; END IF;
    RETURN NEW; END $$`,
  `CREATE TRIGGER oncall_span_apart BEFORE INSERT OR UPDATE OF team, level, from_at, to_at ON oncall_span
    FOR EACH ROW EXECUTE FUNCTION oncall_span_apart()`,
  `CREATE FUNCTION user_contact_fixed() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''another address is another contact''; END'`,
  `CREATE TRIGGER user_contact_fixed BEFORE UPDATE OF username, kind, address ON user_contact
    FOR EACH ROW EXECUTE FUNCTION user_contact_fixed()`,
];
