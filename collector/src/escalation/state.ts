import { escalationOf } from '../oncall/targets.js';
import type { Queryable } from '../store/store.js';
import type { EscalationTables } from '../store/tables-escalation.js';
import type { IncidentRow } from '../store/tables-incidents.js';

/** Where the ladder stands; copied when it begins, so that nobody changes it under a running response. */
export async function stateOf(
  trx: Queryable,
  incident: IncidentRow,
): Promise<EscalationTables['escalation_state']> {
  const { id, severity, triggered_at } = incident;
  const known = await trx
    .selectFrom('escalation_state')
    .selectAll()
    .where('incident', '=', id)
    .executeTakeFirst();
  if (known?.severity === severity && known.triggered_at === triggered_at) return known;
  const steps = JSON.stringify(await escalationOf(trx, severity));
  const fresh = { severity, triggered_at, steps, step: 0, climb: 0, base_at: triggered_at };
  // Pages of an earlier climb must not be taken for those of this one.
  const state = { incident: id, ...fresh, loop: known === undefined ? 0 : known.loop + 1 };
  await trx
    .insertInto('escalation_state')
    .values(state)
    .onConflict((conflict) => conflict.column('incident').doUpdateSet({ ...fresh, loop: state.loop }))
    .execute();
  return state;
}
