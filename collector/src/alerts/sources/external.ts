import { DAY_MS, type Asset, type Source } from '../signal.js';

/** Forgotten so long after it was last said (ms). */
export const EXTERNAL_KEPT_MS = 7 * DAY_MS;

/** What Alertmanager reports; what it has not said again in time is stale. */
export const externalSource: Source = {
  signals: ['external'],
  periodMs: 5000,
  async read(store, now) {
    const rows = await store
      .selectFrom('alert_external')
      .selectAll()
      .where('updated_at', '>', now - EXTERNAL_KEPT_MS)
      .execute();
    return {
      external: rows.map((row) => ({
        asset: JSON.parse(row.asset) as Asset,
        dim: row.fingerprint,
        value: row.firing === 0 ? 0 : row.ends_at <= now ? 'stale' : 1,
        says: { title: row.title, severity: row.severity, runbook: row.runbook },
      })),
    };
  },
};
