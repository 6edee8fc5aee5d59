import { addContact, confirmCode, newCode, tryCode } from '../../collector/src/oncall/contacts.js';
import { saveSchedule, saveTeam } from '../../collector/src/oncall/teams.js';
import type { NewContact } from '../../collector/src/schema/contacts.js';
import { addUser } from '../../collector/src/security/users.js';
import { inTransaction, openStore } from '../../collector/src/store/store.js';

/** Somebody who is on duty, and where they are paged. */
export interface Duty {
  readonly username: string;
  readonly password: string;
  readonly timeZone: string;
  readonly contacts: readonly NewContact[];
}

/** Add an operator who is on duty at L1 day and night, with contacts that are verified. @param database file or URL */
export async function putOnDuty(database: string, duty: Duty): Promise<void> {
  const { username, password, timeZone, contacts } = duty;
  const now = Date.now();
  const store = await openStore(database);
  const kind = 'days' as const;
  const rotation = { kind, length: 1, start: '2026-01-01T09:00', members: [username], hours: null };
  try {
    const user = { username, password, role: 'operator', mustChange: false } as const;
    await inTransaction(store, (trx) => addUser(trx, user, now));
    for (const contact of contacts) {
      const { id } = await addContact(store, username, contact, now);
      const key = { username, id };
      const { code } = await newCode(store, key, now);
      await confirmCode(store, key, { code, codeHash: await tryCode(store, key, now), now });
    }
    // Last: a collector that runs would page because of a duty whose person cannot be reached.
    await inTransaction(store, async (trx) => {
      await saveTeam(trx, 'ops', { title: 'Operations', members: [username] }, now);
      await saveSchedule(trx, { team: 'ops', level: 1 }, { timeZone, rotations: [rotation] }, now);
    });
  } finally {
    await store.destroy();
  }
}
