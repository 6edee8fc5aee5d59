import type { Store } from './store.js';

/** What keeps the database from taking a write; undefined while it does. The write changes nothing. */
export async function databaseProblem(store: Store): Promise<string | undefined> {
  try {
    await store
      .updateTable('audit_head')
      .set((head) => ({ id: head.ref('id') }))
      .where('id', '=', 1)
      .execute();
    return undefined;
  } catch (error) {
    return `the database takes no write: ${error instanceof Error ? error.message : String(error)}`;
  }
}
