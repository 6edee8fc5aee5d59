import { isDeepStrictEqual } from 'node:util';
import { recorded } from '../audit-log/audit-log.js';
import { askForRebuild } from '../counts/rollups.js';
import { newestDesired, putDesired, type Desired } from '../fleet/desired.js';
import { addGateway } from '../fleet/fleet.js';
import { cameraPresets, expandPresets, isBuiltIn, putPreset, type Presets } from '../fleet/presets.js';
import { beginRollout } from '../fleet/rollouts.js';
import { diffSettings, type Difference, type Settings } from '../fleet/settings.js';
import { changeSite } from '../fleet/sites.js';
import { ProblemError } from '../schema/problem.js';
import type { OpeningHours } from '../schema/sites.js';
import type { Queryable, Store } from '../store/store.js';
import { exportFleet, type FleetFile } from './fleet-file.js';

/** Changed fields that a step names. */
const FIELDS_NAMED = 4;

/** One thing that is not as the file says: how to show it, and how to mend it. */
export interface FleetStep {
  /** "+ gateway lobby (site hq)" for what is new, "~ site hq: closing time none -> 22:00" for what changes. */
  readonly text: string;
  readonly run: () => Promise<unknown>;
}

/** Who applies, and when (UTC ms). */
export interface ApplyContext {
  readonly author: string;
  readonly now: number;
  /** Desired configurations change in a roll-out with this title, a few gateways first; all at once without it. */
  readonly staged?:
    { readonly title: string; readonly canaries: number; readonly soakMs: number } | undefined;
}

/** What is gathered while planning. */
interface Planning {
  readonly is: FleetFile;
  readonly context: ApplyContext;
  readonly step: AddStep;
  readonly problem: (text: string) => void;
}

/**
 * The steps from what is to what the file says: presets, sites, gateways, then what these are configured like; none where all
 * is as it says.
 * @param problem called for what cannot be, such as a gateway whose site nobody knows
 */
export async function planFleet(
  store: Store,
  file: FleetFile,
  context: ApplyContext,
  problem: (text: string) => void,
): Promise<FleetStep[]> {
  const { author, now } = context;
  const steps: FleetStep[] = [];
  const step: AddStep = (text, object, change) => {
    const entry = { actor: author, address: 'local', action: 'fleet.apply', object, detail: text };
    steps.push({ text, run: async () => recorded(store, entry, now, change) });
  };
  const planning = { is: await exportFleet(store), context, step, problem };
  const presets = new Map(await cameraPresets(store));
  for (const [name, wanted] of Object.entries(file.presets)) {
    presetSteps(planning, name, wanted);
    presets.set(name, { name, ...wanted });
  }
  for (const [name, wanted] of Object.entries(file.sites)) siteSteps(planning, name, wanted);
  for (const [name, { site }] of Object.entries(file.gateways)) gatewaySteps(planning, file, name, site);
  const stored = new Map((await newestDesired(store)).map((desired) => [desired.gateway, desired]));
  settingsSteps(planning, changesOf(planning, file, stored, presets));
  return steps;
}

function presetSteps(
  { is, context, step, problem }: Planning,
  name: string,
  wanted: FleetFile['presets'][string],
): void {
  if (isBuiltIn(name)) problem(`presets.${name}: is a preset of the program; choose another name`);
  const known = is.presets[name];
  if (isDeepStrictEqual(known, wanted)) return;
  const { author, now } = context;
  step(`${known === undefined ? '+' : '~'} preset ${name}`, name, (trx) =>
    putPreset(trx, { name, ...wanted }, { author, at: now }),
  );
}

function gatewaySteps(
  { is, context: { now }, step, problem }: Planning,
  file: FleetFile,
  name: string,
  site: string,
): void {
  if (!(site in is.sites) && !(site in file.sites))
    problem(`gateways.${name}.site: there is no site "${site}"; name it under "sites"`);
  const known = is.gateways[name];
  if (known === undefined)
    step(`+ gateway ${name} (site ${site}); it enrols with: gateway enroll-code ${name}`, name, (trx) =>
      addGateway(trx, { name, site, timeZone: undefined }, { defaultTimeZone: 'UTC', now }),
    );
  else if (known.site !== site)
    step(`~ gateway ${name}: site ${known.site} -> ${site}`, name, (trx) =>
      moveGateway(trx, { name, site }, now),
    );
}

/** What becomes of the configuration of one gateway. */
interface SettingsChange {
  readonly gateway: string;
  readonly settings: Settings;
  readonly differences: readonly Difference[];
}

/** The gateways that would get something else than they were sent, by what they are asked for or by a preset. */
function changesOf(
  { problem }: Planning,
  file: FleetFile,
  stored: ReadonlyMap<string, Desired>,
  presets: Presets,
): SettingsChange[] {
  const changes: SettingsChange[] = [];
  for (const [gateway, { settings }] of Object.entries(file.gateways)) {
    if (settings === undefined) continue;
    const known = stored.get(gateway);
    try {
      const sent = expandPresets(settings, presets);
      const same = isDeepStrictEqual(settings, known?.settings) && isDeepStrictEqual(sent, known?.sent);
      if (!same) changes.push({ gateway, settings, differences: diffSettings(known?.sent ?? {}, sent) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problem(`gateways.${gateway}.settings.${error.message}`);
    }
  }
  return changes;
}

function settingsSteps(
  { context: { author, now, staged }, step }: Planning,
  changes: readonly SettingsChange[],
): void {
  if (staged !== undefined && changes.length > 0) {
    const names = changes.map(({ gateway, differences }) => `  ${gateway}: ${described(differences)}`);
    const text = `+ roll-out "${staged.title}" (${changes.length} gateways, ${staged.canaries} first)`;
    step([text, ...names].join('\n'), staged.title, (trx) =>
      beginRollout(trx, { ...staged, changes }, { author, now }),
    );
    return;
  }
  for (const { gateway, settings, differences } of changes)
    step(`~ gateway ${gateway}: desired configuration (${described(differences)})`, gateway, (trx) =>
      putDesired(trx, gateway, { settings, author, at: now }),
    );
}

/** Changed fields on one line. */
function described(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'as its own file';
  const value = (one: unknown) => (one === undefined ? 'none' : JSON.stringify(one));
  const named = differences
    .slice(0, FIELDS_NAMED)
    .map(({ path, before, after }) => `${path} ${value(before)} -> ${value(after)}`);
  const more = differences.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** @param change made together with its entry of the audit log */
type AddStep = (text: string, object: string, change: (trx: Queryable) => Promise<unknown>) => void;

function siteSteps(
  { is, context: { now }, step }: Planning,
  name: string,
  wanted: FleetFile['sites'][string],
): void {
  const known = is.sites[name];
  const { timeZone, ...times } = wanted;
  if (known === undefined) {
    step(`+ site ${name} (${timeZone})`, name, async (trx) => {
      await trx.insertInto('site').values({ name, time_zone: timeZone }).execute();
      await changeSite(trx, name, times);
    });
    return;
  }
  if (known.timeZone !== timeZone)
    step(`~ site ${name}: time zone ${known.timeZone} -> ${timeZone}`, name, async (trx) => {
      await trx.updateTable('site').set({ time_zone: timeZone }).where('name', '=', name).execute();
      await askForRebuild(trx, name, now);
    });
  const changed = (field: keyof typeof times, text: string) => {
    if (isDeepStrictEqual(known[field], times[field])) return;
    step(`~ site ${name}: ${text}`, name, (trx) => changeSite(trx, name, { [field]: times[field] }));
  };
  changed('closingTime', `closing time ${known.closingTime ?? 'none'} -> ${times.closingTime ?? 'none'}`);
  changed(
    'openingHours',
    `opening hours ${hoursText(known.openingHours)} -> ${hoursText(times.openingHours)}`,
  );
  changed('closures', `closures ${known.closures.length} -> ${times.closures.length}`);
}

/** Opening hours on one line. */
function hoursText(hours: OpeningHours | null): string {
  if (hours === null) return 'none';
  return Object.entries(hours)
    .map(([day, time]) => `${day} ${time}`)
    .join('; ');
}

/** The other site may be in another time zone: the hours and days of the gateway are made anew. */
async function moveGateway(
  trx: Queryable,
  { name, site }: { name: string; site: string },
  now: number,
): Promise<void> {
  await trx.updateTable('gateway').set({ site }).where('name', '=', name).execute();
  await askForRebuild(trx, site, now);
}
