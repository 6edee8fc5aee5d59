import { lockIncident } from '../incidents/incidents.js';
import { BY_TIMER, writeTimeline } from '../incidents/timeline.js';
import { changeTimers, takeTimer } from '../incidents/timers.js';
import { firstReachable, type EscalationStep, type OnCall } from '../oncall/targets.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { EscalationTables } from '../store/tables-escalation.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { hold, isHeld } from './held.js';
import { stateOf } from './state.js';

/** Incidents of one tick; the next tick goes on. */
const AT_ONCE = 200;
/** How often it is looked again while nobody at all can be reached (ms). */
const NOBODY_MS = 5 * 60_000;
/** The ladder is climbed so often; after that only a person or another alert goes on (operations design: repeat 0 to 5). */
const LOOPS = 5;
/** The next climb begins so long after the last step (ms). */
const LOOP_PAUSE_MS = 15 * 60_000;

/** Somebody is to be paged. */
export interface PageRequest {
  readonly incident: IncidentRow;
  readonly person: OnCall;
  /** Of the ladder, and which climb of it: together they tell pages apart. */
  readonly step: number;
  readonly loop: number;
}

/** Puts a page into the outbox, in the transaction of the step. */
export type Page = (trx: Queryable, request: PageRequest, now: number) => Promise<void>;

/**
 * Take the steps of the ladder that are due, each in one transaction with its pages: a restart loses none and takes none twice.
 * A level at which nobody can be reached is skipped at once. While every open alert of an incident is suppressed its steps wait; when
 * that ends, the next tick takes them.
 * @param now UTC ms
 * @returns how many people were paged
 */
export async function tickEscalation(store: Store, now: number, page: Page): Promise<number> {
  const due = await store
    .selectFrom('incident_timer')
    .select(['id', 'incident'])
    .where('kind', '=', 'escalate')
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .where('due_at', '<=', now)
    .where((where) => where.not(isHeld(where)))
    .orderBy('due_at')
    .limit(AT_ONCE)
    .execute();
  await hold(store, now);
  let paged = 0;
  for (const timer of due) paged += await inTransaction(store, (trx) => take(trx, timer, { now, page }));
  return paged;
}

async function take(
  trx: Queryable,
  { id, incident: of }: { id: string; incident: string },
  { now, page }: { now: number; page: Page },
): Promise<number> {
  const incident = await lockIncident(trx, of);
  if (!(await takeTimer(trx, id, now)) || incident.status !== 'triggered') return 0;
  const state = await stateOf(trx, incident);
  const steps = JSON.parse(state.steps) as EscalationStep[];
  const found = await firstReachable(trx, steps, { at: now, from: state.step });
  if (found === undefined && state.step > 0) {
    // Those above cannot be reached; those below are paged again.
    await goOn(trx, { ...state, step: steps.length }, steps, now);
    return 0;
  }
  if (found === undefined) {
    await writeTimeline(trx, of, { by: BY_TIMER, kind: 'nobody-to-page', data: {} }, now);
    await wait(trx, of, now + NOBODY_MS, now);
    return 0;
  }
  const { step, level, people, skipped } = found;
  for (const person of people) await page(trx, { incident, person, step, loop: state.loop }, now);
  const data = { level, people: people.map(({ user }) => user), skipped };
  await writeTimeline(trx, of, { by: BY_TIMER, kind: 'paged', data }, now);
  await goOn(trx, { ...state, step: step + 1 }, steps, now);
  return people.length;
}

/** Set the time of the next step, or of the next climb after the last one. */
async function goOn(
  trx: Queryable,
  state: EscalationTables['escalation_state'],
  steps: readonly EscalationStep[],
  now: number,
): Promise<void> {
  const next = steps[state.step];
  const { loop: before, climb: climbs } = state;
  const again = { step: 0, loop: before + 1, climb: climbs + 1, base_at: now + LOOP_PAUSE_MS };
  const { incident, step, loop, climb, base_at } = next === undefined ? { ...state, ...again } : state;
  await trx
    .updateTable('escalation_state')
    .set({ step, loop, climb, base_at })
    .where('incident', '=', incident)
    .execute();
  if (climb >= LOOPS) {
    await writeTimeline(trx, incident, { by: BY_TIMER, kind: 'ladder-ended', data: { loops: LOOPS } }, now);
    return;
  }
  await wait(trx, incident, Math.max(now, base_at + (steps[step]?.offsetMs ?? 0)), now);
}

async function wait(trx: Queryable, incident: string, dueAt: number, now: number): Promise<void> {
  await changeTimers(trx, incident, { cancel: [], start: [{ kind: 'escalate', dueAt }] }, now);
}
