import { setTimeout as sleep } from 'node:timers/promises';
import { currentRules } from '../alerts/rules.js';
import { recorded } from '../audit-log/audit-log.js';
import { commandLineActor, locally } from '../audit-log/command-line.js';
import { drillSite } from '../schema/drill-words.js';
import type { Drill, DrillStep } from '../schema/drills.js';
import { SimulatedFleet } from '../simulator/fleet.js';
import type { Store } from '../store/store.js';
import { endDrill, sweepDrills } from './end.js';
import { look, stepsOf, type Seen } from './follow.js';
import { awaited, measuresOf, outcomeOf, targetsOf, type DrillTargets } from './judge.js';
import { beat, beginDrill, readDrill } from './records.js';
import { DrillRefusedError } from './refused-error.js';
import type { Scenario } from './scenarios.js';
import { enrolDrill, planDrill } from './site.js';

/** How often is looked, and how long the drill's gateways may take to connect (ms). */
const LOOK_MS = 500;
const CONNECT_MS = 30_000;
/** A collector says every 5 s that it is alive (ms). */
const ALIVE_MS = 15_000;
/** Rules that must be quiet for longer than this are not waited for (ms); how much later than that an alert may resolve. */
const LONGEST_CLEAR_MS = 5 * 60_000;
const CLEAR_GRACE_MS = 2 * 60_000;
/** Gateways may take so long to say what they still have to say (ms). */
const SILENT_MS = 5000;
const BATCH = 100;

/** What a drill needs. */
export interface DrillOptions {
  readonly store: Store;
  /** Of the broker, mqtt://host:port. */
  readonly mqttUrl: string;
  /** IANA. */
  readonly timeZone: string;
  readonly waitForAck: boolean;
  /** Ends the drill before its time; it is cleaned up all the same. */
  readonly signal: AbortSignal;
  /** UTC ms. */
  readonly now: () => number;
  /** Told once of each step, and all the time of what is waited for. */
  readonly onStep: (step: DrillStep, faultAt: number) => void;
  readonly onWait: (what: string, leftMs: number) => void;
}

/** A drill that runs. */
interface Running {
  readonly drill: Pick<Drill, 'id' | 'site' | 'scenario'>;
  readonly scenario: Scenario;
  readonly targets: DrillTargets;
  readonly keepMs: number;
  readonly fleet: SimulatedFleet;
  faultAt: number | undefined;
  mendedAt: number | undefined;
  seen: Seen | undefined;
  /** Steps that were told. */
  readonly told: Set<string>;
}

/**
 * Inject a fault into a site that exists for this alone, watch what comes of it, mend it and take the site away again.
 * @throws DrillRefusedError where no drill can be held: no collector runs, another drill does, the rule is switched off
 */
export async function runDrill(scenario: Scenario, options: DrillOptions): Promise<Drill> {
  const { store, signal, now } = options;
  await sweepDrills(store, now());
  const running = await begin(scenario, options);
  try {
    await connected(running, options);
    await follow(running, options);
  } catch (error) {
    if (!signal.aborted) {
      await finish(running, options);
      throw error;
    }
  }
  return finish(running, options);
}

/** Make the site and its gateways. */
async function begin(scenario: Scenario, { store, mqttUrl, timeZone, now }: DrillOptions): Promise<Running> {
  const at = now();
  const rule = (await currentRules(store)).find(({ slug }) => slug === scenario.rule);
  if (rule?.enabled !== true)
    throw new DrillRefusedError(`the rule ${scenario.rule} is switched off; switch it on under Alerts first`);
  const alive = await store
    .selectFrom('collector_instance')
    .select('id')
    .where('seen_at', '>', at - ALIVE_MS)
    .executeTakeFirst();
  if (alive === undefined)
    throw new DrillRefusedError('no collector runs on this database; start it with: headcount-collector run');
  const site = drillSite(scenario.name, at);
  const plan = planDrill(scenario, { site, timeZone });
  const by = commandLineActor();
  const started = await recorded(
    store,
    ({ id }: { id: string }) => locally('drill.start', id, `${scenario.name} at ${site}`),
    at,
    async (trx) => ({
      id: await beginDrill(trx, { scenario: scenario.name, site, by }, at),
      passwords: await enrolDrill(trx, plan, at),
    }),
  );
  const { id, passwords } = started;
  const faults = { duplicates: 0, lostReceipts: 0 };
  return {
    drill: { id, site, scenario: scenario.name },
    ...{ scenario, targets: targetsOf(scenario, rule), keepMs: rule.keepS * 1000 },
    fleet: new SimulatedFleet({ url: mqttUrl, plan, passwords, seed: 1, faults, batch: BATCH }),
    ...{ faultAt: undefined, mendedAt: undefined, seen: undefined, told: new Set() },
  };
}

/** Wait until the collector has heard of every gateway. */
async function connected({ drill, fleet }: Running, options: DrillOptions): Promise<void> {
  const { store, mqttUrl, signal, now } = options;
  fleet.start();
  const end = now() + CONNECT_MS;
  while (fleet.gateways.some(({ bornAt }) => bornAt === 0) || fleet.waiting > 0) {
    if (now() > end)
      throw new DrillRefusedError(
        `the gateways of the drill cannot connect to ${mqttUrl}; run the drill where the collector runs`,
      );
    options.onWait('the gateways of the drill', end - now());
    await beat(store, drill.id, now());
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** From the fault to the end of its alert. */
async function follow(running: Running, options: DrillOptions): Promise<void> {
  const { scenario, fleet, targets, keepMs } = running;
  const { now, waitForAck } = options;
  const faultAt = now();
  running.faultAt = faultAt;
  await scenario.inject(fleet, faultAt);
  await watch(running, options, (seen) => awaited(seen, targets, { faultAt, waitForAck }));
  const mendedAt = now();
  running.mendedAt = mendedAt;
  scenario.mend(fleet, mendedAt);
  const until = mendedAt + keepMs + scenario.seenAfterS * 1000 + CLEAR_GRACE_MS;
  await watch(running, options, ({ firedAt, clearedAt }) =>
    firedAt === undefined || clearedAt !== undefined || keepMs > LONGEST_CLEAR_MS
      ? null
      : { what: 'the end of the alert', until },
  );
}

/** Look again and again, until there is nothing to wait for or it takes too long. */
async function watch(
  running: Running,
  options: DrillOptions,
  awaits: (seen: Seen) => { what: string; until: number } | null,
): Promise<void> {
  const { store, signal, now, onStep, onWait } = options;
  for (;;) {
    const { drill, scenario, told, faultAt = now(), mendedAt } = running;
    const { rule, condition } = scenario;
    running.seen = await look(store, { site: drill.site, rule, condition });
    for (const step of stepsOf(running.seen, { faultAt, mendedAt })) {
      const key = `${step.step} ${step.detail}`;
      if (!told.has(key)) onStep(step, faultAt);
      told.add(key);
    }
    const wait = awaits(running.seen);
    if (wait === null || now() > wait.until) return;
    onWait(wait.what, wait.until - now());
    await beat(store, drill.id, now());
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Let the gateways go, and the collector handle what they said: nothing may come from a gateway that is gone. */
async function fallSilent({ fleet, drill }: Running, { store }: DrillOptions): Promise<void> {
  const end = performance.now() + SILENT_MS;
  const inTime = async (isDone: () => boolean | Promise<boolean>) => {
    while (performance.now() < end && !(await isDone())) await sleep(50);
  };
  await inTime(() => fleet.gateways.every(({ connected, recorder }) => !connected || recorder.waiting === 0));
  await Promise.all(fleet.gateways.map((gateway) => gateway.cut()));
  await fleet.stop();
  const online = store
    .selectFrom('gateway')
    .select('name')
    .where('site', '=', drill.site)
    .where('status', '=', 'online');
  await inTime(async () => (await online.execute()).length === 0);
}

/** Take the site away and keep what was measured. */
async function finish(running: Running, options: DrillOptions): Promise<Drill> {
  const { drill, seen, faultAt, mendedAt, targets } = running;
  const { store, waitForAck, now } = options;
  await fallSilent(running, options);
  const { id, scenario } = drill;
  const measured = seen !== undefined && faultAt !== undefined;
  const steps = measured ? stepsOf(seen, { faultAt, mendedAt }) : [];
  const measures = measured ? measuresOf(seen, targets, { faultAt, waitForAck }) : [];
  const outcome = outcomeOf(measures, mendedAt === undefined);
  const { id: incident = null, severity = null } = seen?.incident ?? {};
  const result = { outcome, incident, severity, steps, measures };
  await endDrill(store, drill, { result, entry: locally('drill.end', id, `${scenario} ${outcome}`) }, now());
  return readDrill(store, id);
}
