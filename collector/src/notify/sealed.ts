import type { Vault } from '../security/vault.js';
import type { NotificationRow } from '../store/tables-notify.js';
import type { NotificationData, Text } from './message.js';

/** A paragraph that the database must not give away, such as a code. */
export function sealText(vault: Vault, text: Text): string {
  return vault.seal(JSON.stringify(text));
}

/** A row whose sealed paragraph can be read, to be sent. @throws Error for what another key sealed */
export function unsealed(row: NotificationRow, vault: Vault): NotificationRow {
  const { sealed, ...data } = JSON.parse(row.payload) as NotificationData;
  if (sealed === undefined) return row;
  return { ...row, payload: JSON.stringify({ ...data, text: JSON.parse(vault.open(sealed)) as Text }) };
}

/** What is kept of a payload that nobody will send any more. */
export function withoutSealed(payload: string): string {
  const data = JSON.parse(payload) as NotificationData;
  return JSON.stringify({ ...data, sealed: undefined });
}
