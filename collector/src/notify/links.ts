import { runbookHref } from '../schema/handbook-words.js';
import { hashSecret, newSecret } from '../security/secrets.js';
import type { Queryable } from '../store/store.js';

/** A link in a message is good for so long (ms). */
const LINK_MS = 24 * 3_600_000;

/** Make a one-time link's secret part; only its hash is kept. @returns the secret */
export async function makeAckToken(trx: Queryable, notification: string, now: number): Promise<string> {
  const token = newSecret();
  await trx
    .insertInto('ack_token')
    .values({ hash: hashSecret(token), notification, action: 'ack', expires_at: now + LINK_MS })
    .execute();
  return token;
}

/** Addresses that messages point to. @param base such as https://collector.example, without a slash at the end */
export function linksOf(base: string) {
  return {
    ack: (token: string) => `${base}/ack/${token}`,
    incident: (number: number) => `${base}/#incidents/INC-${number}`,
    /** The handbook's list where there is no runbook: whoever is paged at night looks there. */
    runbook: (runbook: string) => {
      const href = runbookHref(runbook) ?? '#handbook';
      return href.startsWith('#') ? `${base}/${href}` : href;
    },
  };
}
