import { camerasAvailability } from '../availability/cameras.js';
import { sumOf } from '../availability/times.js';
import type { CameraAvailability } from '../schema/availability.js';
import type { Slo, SlosAnswer } from '../schema/slo.js';
import type { Store } from '../store/store.js';
import { bucketSums } from './buckets.js';
import { budgetOf, burnRate, coverageOf, goodShare, NOTHING, type SloNumbers } from './budget.js';
import { OBJECTIVES, WINDOW_HOURS, type Objective } from './objectives.js';

const HOUR_MS = 3_600_000;
/** Cameras that are named. */
const WORST = 20;

/** The numbers of every promise since so many hours. */
type NumbersSince = (hours: number) => Promise<{ numbers: SloNumbers; since: number | null }>;

/** How well every promise is kept at an instant. */
export async function sloReport(store: Store, now: number): Promise<SlosAnswer> {
  const slos: Slo[] = [];
  for (const objective of OBJECTIVES)
    slos.push(
      objective.id === 'camera-uptime'
        ? await cameraSlo(store, objective, now)
        : await sloOf(objective, bucketNumbers(store, objective, now)),
    );
  return { from: now - WINDOW_HOURS * HOUR_MS, to: now, windowDays: WINDOW_HOURS / 24, slos };
}

function bucketNumbers(store: Store, { id }: Objective, now: number): NumbersSince {
  return async (hours) => {
    const sums = (await bucketSums(store, now - hours * HOUR_MS)).get(id);
    if (sums === undefined) return { numbers: NOTHING, since: null };
    const { since, ...numbers } = sums;
    return { numbers, since };
  };
}

async function sloOf(objective: Objective, numbersSince: NumbersSince): Promise<Slo> {
  const { id, target, unit } = objective;
  const { numbers, since } = await numbersSince(WINDOW_HOURS);
  const good = goodShare(numbers);
  const burn: Slo['burn'] = [];
  for (const { hours, factor } of objective.burnRules) {
    const rate = burnRate(objective, (await numbersSince(hours)).numbers);
    burn.push({ hours, rate, factor, fast: rate !== null && rate >= factor });
  }
  return {
    ...{ id, target, unit, since, ...numbers, goodShare: good, coverage: coverageOf(numbers) },
    ...{
      met: good === null ? null : good >= target,
      budget: budgetOf(objective, numbers),
      burn,
      cameras: null,
    },
  };
}

/** All cameras together, and those that miss the promise by themselves; whole hours count. */
async function cameraSlo(store: Store, objective: Objective, now: number): Promise<Slo> {
  const camerasSince = (hours: number) => camerasAvailability(store, { from: now - hours * HOUR_MS, now });
  const cameras = await camerasSince(WINDOW_HOURS);
  const together = await sloOf(objective, async (hours) => {
    const times = sumOf(hours === WINDOW_HOURS ? cameras : await camerasSince(hours));
    const numbers = numbersOf(times);
    return { numbers, since: coverageOf(numbers) === null ? null : now - hours * HOUR_MS };
  });
  const known = cameras.flatMap((camera) => {
    const budget = budgetOf(objective, numbersOf(camera));
    const { gateway, id, name, availability } = camera;
    return availability === null || budget === null
      ? []
      : [{ gateway, id, name, availability, budgetMinutes: budget.minutes }];
  });
  const missed = known
    .filter(({ availability }) => availability < objective.target)
    .sort((a, b) => a.availability - b.availability);
  return {
    ...together,
    met: known.length === 0 ? null : missed.length === 0,
    cameras: { known: known.length, missed: missed.length, worst: missed.slice(0, WORST) },
  };
}

type Times = Pick<CameraAvailability, 'goodMs' | 'badMs' | 'unknownMs' | 'maintenanceMs'>;

function numbersOf({
  goodMs: good,
  badMs: bad,
  unknownMs: unknown,
  maintenanceMs: maintenance,
}: Times): SloNumbers {
  return { good, bad, unknown, maintenance };
}
