import { CONTRACT_VERSION, MAX_PROBLEMS, type DesiredMessage, type ReportedMessage } from '@headcount/shared';
import type { Logger } from 'pino';
import type { AgentConfig } from './config/config.js';
import type { ConfigChanges } from './config-changes.js';
import { hashOf, restoreLayer, type DesiredLayer } from './settings/desired-layer.js';
import { DesiredStore, type DesiredState } from './settings/desired-store.js';
import { diffConfig } from './settings/diff.js';
import {
  Baseline,
  RollbackWatch,
  TRIAL_TIMES,
  type CameraSample,
  type TrialTimes,
} from './settings/rollback-watch.js';
import { Settings } from './settings/settings.js';

/** Starts without a clean stop within one trial after which the configuration is held to be the cause. */
const MAX_STARTS = 3;
/** How often it is written how far a trial has come (ms): what a power cut adds to it. */
const SAVE_MS = 30_000;

/**
 * Read what is kept of the collector's wishes and lay it over the file. An agent that keeps crashing under a
 * configuration on trial goes back to the one before, before anything is built from it.
 * @throws Error naming the file when one is damaged
 */
export async function openSettings(
  file: AgentConfig,
  logger: Logger,
): Promise<{ settings: Settings; store: DesiredStore }> {
  const store = new DesiredStore(file.dataDir);
  await countStart(store, logger);
  return { settings: new Settings({ file, desired: restoreLayer(store.state.current) }), store };
}

async function countStart(store: DesiredStore, logger: Logger): Promise<void> {
  const { trial, previous, last } = store.state;
  if (trial === null) return;
  const starts = trial.starts + 1;
  if (starts < MAX_STARTS) return store.update({ trial: { ...trial, starts } });
  const detail = `the agent ended ${trial.starts} times without a clean stop while it was on trial`;
  logger.error({ version: last?.version, detail }, 'the desired configuration was rolled back');
  await store.update({
    current: previous,
    previous: null,
    trial: null,
    last: last && { ...last, outcome: 'rolled-back', detail },
  });
}

/** What desired configurations work with. */
export interface DesiredConfigOptions {
  readonly store: DesiredStore;
  readonly settings: Settings;
  readonly changes: ConfigChanges;
  /** How every camera that is switched on is counted now. */
  readonly samples: () => CameraSample[];
  /** UTC ms and monotonic ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Tell the collector; {@link DesiredConfig.reported} has changed. */
  readonly report: () => void;
  /** Keep a sentence with the counts. */
  readonly event: (detail: string) => void;
  readonly logger: Logger;
  readonly times?: TrialTimes;
}

/** Takes what the collector wants, tries it, and takes it back by itself when the cameras are counted worse. */
export class DesiredConfig {
  private readonly options: DesiredConfigOptions;
  private readonly times: TrialTimes;
  private readonly baseline = new Baseline();
  private watch: RollbackWatch | undefined;
  private savedAt = 0;
  private tail = Promise.resolve();

  constructor(options: DesiredConfigOptions) {
    this.options = options;
    this.times = options.times ?? TRIAL_TIMES;
  }

  /** Go on with a trial from before a restart. */
  start(): void {
    const { trial } = this.options.store.state;
    if (trial !== null) this.watchTrial(trial);
  }

  /** What the gateway says about its configuration. */
  reported(): ReportedMessage {
    const { store, settings, changes, now } = this.options;
    const { last } = store.state;
    return {
      v: CONTRACT_VERSION,
      at: now(),
      version: last?.version ?? null,
      outcome: last?.outcome ?? 'unchanged',
      detail: last?.detail.slice(0, 1000) ?? '',
      problems: last?.problems ?? [],
      overridden: settings.overridden().slice(0, 500),
      restartNeeded: changes.restartNeeded.slice(0, MAX_PROBLEMS),
      configVersion: changes.config.version,
    };
  }

  /** Take a desired configuration; the one that is known already, which every connection brings again, changes nothing. */
  take(message: DesiredMessage): Promise<void> {
    return this.inTurn(() => this.accept(message));
  }

  /** Look at the cameras; about once a second. */
  tick(): void {
    const { monotonic, samples, logger } = this.options;
    const at = monotonic();
    const seen = samples();
    if (this.watch === undefined) {
      this.baseline.add(at, seen);
      return;
    }
    const verdict = this.watch.judge(at, seen);
    const elapsedMs = this.watch.elapsedMs(at);
    const save = at - this.savedAt >= SAVE_MS;
    if (verdict === undefined && !save) return;
    this.savedAt = at;
    if (verdict !== undefined) this.watch = undefined;
    const work = () =>
      verdict === undefined
        ? this.saveTrial({ elapsedMs })
        : verdict === 'kept'
          ? this.keep()
          : this.rollBack(verdict.reason);
    this.inTurn(work).catch((error: unknown) =>
      logger.error({ err: error }, 'a trial of a configuration could not be written'),
    );
  }

  /** A clean stop is no crash; the trial goes on after it. */
  stop(): Promise<void> {
    return this.inTurn(async () => {
      const elapsedMs = this.watch?.elapsedMs(this.options.monotonic());
      this.watch = undefined;
      if (elapsedMs !== undefined) await this.saveTrial({ elapsedMs, starts: 0 });
    });
  }

  private async accept({ version, settings: wanted }: DesiredMessage): Promise<void> {
    const { store, settings, changes, report, logger } = this.options;
    const key = hashOf(wanted);
    const { last, current, previous, trial } = store.state;
    if (last?.version === version && last.key === key) {
      report();
      return;
    }
    const checked = settings.check(wanted);
    if ('problems' in checked) {
      const problems = checked.problems.slice(0, MAX_PROBLEMS);
      logger.warn({ version, problems }, 'the desired configuration is wrong');
      await store.update({ last: { version, key, outcome: 'refused', detail: '', problems } });
      report();
      return;
    }
    const { layer } = checked;
    const terms = this.termsOf(layer);
    const before = trial === null ? current : previous;
    const next: DesiredState['trial'] =
      terms.touched.length === 0 ? null : { ...terms, elapsedMs: 0, starts: 0 };
    const outcome = next === null ? 'applied' : 'trial';
    // Durable before it is tried: an agent that crashes on it must know what it was trying.
    await store.update({
      current: layer,
      previous: next === null ? null : before,
      trial: next,
      last: { version, key, outcome, detail: '', problems: [] },
    });
    await changes.change(() => settings.setDesired(layer));
    this.watch = undefined;
    if (next !== null) this.watchTrial(next);
    logger.info({ version, outcome, touched: terms.touched }, 'desired configuration');
    report();
  }

  /** What the trial of a layer is about; a trial that is under way keeps what it was compared with. */
  private termsOf(layer: DesiredLayer): Pick<NonNullable<DesiredState['trial']>, 'touched' | 'before'> {
    const { store, settings, changes } = this.options;
    const { cameras } = diffConfig(changes.config, settings.preview(layer));
    const touched = cameras.filter(({ kind }) => kind === 'add' || kind === 'replace').map(({ id }) => id);
    const { trial } = store.state;
    return {
      touched: [...new Set([...(trial?.touched ?? []), ...touched])],
      before: trial?.before ?? this.baseline.all(),
    };
  }

  private watchTrial({ touched, before, elapsedMs }: NonNullable<DesiredState['trial']>): void {
    const { changes, monotonic } = this.options;
    const on = changes.config.cameras.filter(({ enabled }) => enabled);
    const wanted = Object.fromEntries(on.map(({ id, fps }) => [id, fps]));
    this.watch = new RollbackWatch({ touched, before, wanted }, monotonic(), {
      times: this.times,
      elapsedMs,
    });
    this.savedAt = monotonic();
  }

  private async saveTrial(change: { elapsedMs: number; starts?: number }): Promise<void> {
    const { store } = this.options;
    const { trial } = store.state;
    if (trial !== null) await store.update({ trial: { ...trial, ...change } });
  }

  private async keep(): Promise<void> {
    const { store, report, logger } = this.options;
    const { last } = store.state;
    await store.update({ previous: null, trial: null, last: last && { ...last, outcome: 'applied' } });
    logger.info({ version: last?.version }, 'the desired configuration has proved itself');
    report();
  }

  private async rollBack(reason: string): Promise<void> {
    const { store, settings, changes, report, event, logger } = this.options;
    const { last, previous } = store.state;
    logger.error({ version: last?.version, reason }, 'the desired configuration was rolled back');
    await store.update({
      current: previous,
      previous: null,
      trial: null,
      last: last && { ...last, outcome: 'rolled-back', detail: reason },
    });
    await changes.change(() => settings.setDesired(restoreLayer(previous)));
    event(`desired configuration ${last?.version ?? ''} rolled back: ${reason}`);
    report();
  }

  private inTurn(work: () => void | Promise<void>): Promise<void> {
    const done = this.tail.then(work);
    this.tail = done.catch(() => undefined);
    return done;
  }
}
