import type { Logger } from 'pino';
import { AUDIT_CHECK, DATABASE_CHECK } from './alerts/sources/care.js';
import { verifyAuditLog } from './audit-log/audit-log.js';
import { reportSelfCheck } from './heartbeats/heartbeats.js';
import { databaseDamage } from './store/damage.js';
import type { Store } from './store/store.js';

/**
 * Look every night whether the audit log and the database are whole, and keep what came of it for the rules privilege-change and
 * db-corrupt.
 * @param databaseFile SQLite's file; undefined for a server
 * @param now UTC ms
 */
export async function runSelfChecks(
  store: Store,
  { databaseFile, logger }: { databaseFile: string | undefined; logger: Logger },
  now: number,
): Promise<void> {
  const { entries, hash, broken } = await verifyAuditLog(store);
  if (broken !== undefined) logger.error({ entries, ...broken }, 'the audit log was tampered with');
  // Kept elsewhere, the hash proves that nothing was cut off the end.
  else logger.info({ entries, hash }, 'audit log verified');
  const chain = broken === undefined ? undefined : JSON.stringify(broken);
  await reportSelfCheck(store, { slug: AUDIT_CHECK, title: 'Audit log' }, chain, now);
  const damage = await databaseDamage(store, databaseFile);
  if (damage !== undefined) logger.error({ damage }, 'the database is damaged');
  await reportSelfCheck(store, { slug: DATABASE_CHECK, title: 'Database' }, damage, now);
}
