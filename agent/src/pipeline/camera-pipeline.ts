import type {
  CameraState,
  CapacityRecord,
  LiveCamera,
  OutboxRecord,
  SceneCondition,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame } from '../camera/frame.js';
import type { LineConfig, ZoneConfig } from '../config/camera-config.js';
import type { Observation, Tally } from '../counter/tally.js';
import type { Stamp } from '../outbox/outbox.js';
import type { Track } from '../tracker/track.js';
import { CameraZones, type ZoneSight } from './camera-zones.js';
import type { CountedFrame, FrameCounter } from './frame-counter.js';
import { GeometryWatch, type CameraAdvice } from './geometry-watch.js';
import type { Journal } from './journal.js';
import { CLOCK_STEP_MS, type UtcClock } from './utc-clock.js';

/** Two frames farther apart leave time in which somebody could have crossed unseen: a stall (ms). */
export const LONGEST_FRAME_GAP_MS = 3000;
/** How often observed time is written to disk while nobody crosses: what a kill can turn into a gap (ms). */
const CHECKPOINT_MS = 5000;
/** Crossings kept for the next live message. */
const MAX_RECENT = 20;
/** Frames over which the measured frame rate is averaged. */
const RATE_WINDOW = 30;
/** How often it is checked whether there is new advice about lines and zones (ms). */
const ADVICE_MS = 60_000;

/** What the pipeline needs; all parts belong to one camera except journal and clock. */
export interface PipelineOptions {
  readonly camera: string;
  /** Most frames per second that the camera is asked for. */
  readonly fps: number;
  readonly lines: readonly LineConfig[];
  readonly zones: readonly ZoneConfig[];
  readonly counter: FrameCounter;
  readonly tally: Tally;
  readonly journal: Journal;
  readonly clock: UtcClock;
  readonly logger: Logger;
  /** Called for every counted frame, with the frame's time in UTC ms; the frame's bytes are valid during the call. */
  readonly onCounted?: (frame: Frame, counted: CountedFrame, at: number) => void;
  /** True when the tally continues an interval from before a restart. */
  readonly resumed: boolean;
  /** That interval and the time now are not of the same clock: it is ended under its own. */
  readonly before?: { readonly stamp: Stamp | undefined } | undefined;
}

/** The newest frame that was counted, with what was seen in it. */
export interface View {
  readonly frame: Frame;
  readonly tracks: readonly Track[];
  /** UTC ms. */
  readonly at: number;
}

/**
 * One camera from frame to durable count. At most one frame is in the detector and one waits; a newer one replaces
 * the waiting one, which is counted as skipped.
 */
export class CameraPipeline {
  private readonly options: PipelineOptions;
  private readonly zones: CameraZones;
  private readonly geometry: GeometryWatch;
  private advisedAt = -Infinity;
  private advised = '';
  private sights: readonly ZoneSight[] = [];
  private waiting: Frame | undefined;
  private running: Promise<void> | undefined;
  private latest: View | undefined;
  private state: CameraState = 'connecting';
  private readonly recentFrames: number[] = [];
  private recent: LiveCamera['crossings'] = [];
  private lastCheckpoint = 0;
  /** Monotonic ms of the oldest frame since the last one that was counted; undefined while none waits. */
  private uncountedSince: number | undefined;
  private processedBefore = 0;
  private closed = false;
  /** Frames that went through detection and counting, and frames replaced by a newer one before that. */
  processed = 0;
  skipped = 0;

  constructor(options: PipelineOptions) {
    this.options = options;
    const { lines, zones, fps, tally } = options;
    this.geometry = new GeometryWatch({ lines, zones, fps });
    this.zones = new CameraZones({ zones, isOver: (zone) => tally.zone(zone).over !== null });
  }

  /**
   * Account for the time in which the agent did not run, and make the open interval durable. A gateway without a clock
   * that outlives its power may start in the past: the interval then ends where it was left, for its own end could be far.
   */
  start(): void {
    const { camera, tally, clock, journal, resumed, before } = this.options;
    if (before !== undefined) {
      const left = tally.cut(tally.accountedUntil, false);
      tally.continueAt(clock.at());
      // One transaction: a kill in between must not end the same interval again.
      journal.write(left, { camera, state: tally.snapshot() }, before);
    }
    const reason = !resumed ? 'starting' : tally.wasStopped ? 'agent-stopped' : 'agent-killed';
    const now = clock.at();
    const past = tally.accountedUntil - now > CLOCK_STEP_MS;
    const records = past ? tally.cut(tally.accountedUntil, false) : tally.advance(now, reason);
    if (past) tally.restartAt(now);
    tally.resume();
    this.save(records);
  }

  /** Take a frame; the pipeline releases it. */
  offer(frame: Frame): void {
    if (this.closed) {
      frame.release();
      return;
    }
    if (this.waiting !== undefined) {
      this.waiting.release();
      this.skipped += 1;
    }
    this.waiting = frame;
    this.uncountedSince ??= frame.at;
    this.running ??= this.run();
  }

  /** True unless frames come that nobody has counted since the last call; called about once a second. */
  moved(): boolean {
    const counted = this.processed > this.processedBefore;
    this.processedBefore = this.processed;
    return counted || this.uncountedSince === undefined;
  }

  /**
   * The camera changed its state: the time until now belongs to the state before, except that the time since the last
   * frame of a stream that broke belongs to what broke it.
   */
  cameraIs(state: CameraState): void {
    if (state === this.state) return;
    const reason = this.state === 'streaming' ? state : this.state;
    this.advance(this.options.clock.at(), reason === 'streaming' ? 'observed' : reason);
    this.state = state;
    if (state !== 'streaming') {
      this.recentFrames.length = 0;
      this.uncountedSince = undefined;
    }
    // Also when the stream is back: a frame that was under way when it broke may have begun visits.
    this.endVisits();
  }

  /** What is wrong with the picture from now on: what is counted meanwhile is marked as suspect. */
  sceneIs(conditions: readonly SceneCondition[]): void {
    const now = this.options.clock.at();
    const seen =
      now - this.options.tally.accountedUntil <= LONGEST_FRAME_GAP_MS && this.state === 'streaming';
    this.advance(now, seen ? 'observed' : this.unseenReason());
    this.options.tally.sceneIs(conditions);
  }

  /** Close intervals that have ended and save observed time; called about once a second. */
  tick(): void {
    const now = this.options.clock.at();
    this.logAdvice(now);
    const unseen = now - this.options.tally.accountedUntil;
    if (this.state === 'streaming' && unseen <= LONGEST_FRAME_GAP_MS) return;
    this.advance(now, this.unseenReason());
  }

  /**
   * The wall clock stepped: end the interval on the old clock, so that no record mixes both.
   * @param continues records of the old clock are moved to the new one, so that no time is missing between them
   */
  clockStepped(oldNow: number, newNow: number, continues: boolean): void {
    const { tally } = this.options;
    this.save([...tally.advance(oldNow, this.unseenReason()), ...tally.cut(oldNow, false)]);
    if (continues) tally.continueAt(newNow);
    else tally.restartAt(newNow);
  }

  /** Finish the frame under way, close the open interval and write it. The camera must have been stopped. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    this.waiting?.release();
    this.waiting = undefined;
    this.latest?.frame.release();
    this.latest = undefined;
    const { tally, clock } = this.options;
    const now = clock.at();
    const late = now - tally.accountedUntil;
    const records = tally.advance(
      now,
      late <= LONGEST_FRAME_GAP_MS && this.state === 'streaming' ? 'observed' : 'agent-stopped',
    );
    this.endVisits();
    this.save([...records, ...tally.cut(now, true)]);
  }

  /** The newest counted frame; its bytes are valid only until the caller's next await. */
  view(): View | undefined {
    return this.latest;
  }

  /** Frames counted per second over the last frames; 0 while there is no stream. */
  fps(): number {
    const [first] = this.recentFrames;
    const last = this.recentFrames.at(-1);
    if (first === undefined || last === undefined || last === first) return 0;
    return ((this.recentFrames.length - 1) * 1000) / (last - first);
  }

  /** What should be drawn or set differently on this camera. */
  advice(): CameraAdvice {
    const known = this.state === 'streaming' && this.recentFrames.length === RATE_WINDOW;
    return this.geometry.advice(known ? this.fps() : undefined);
  }

  /** Confirmed people in the newest frame. */
  inView(): number {
    return this.state === 'streaming' ? confirmed(this.latest?.tracks ?? []) : 0;
  }

  /** The camera's part of a live message; `takeCrossings` empties the list of recent crossings. */
  live(takeCrossings: boolean): LiveCamera {
    const { camera, lines, zones, tally } = this.options;
    const crossings = this.recent;
    if (takeCrossings) this.recent = [];
    return {
      id: camera,
      state: this.state,
      fps: this.fps(),
      inView: this.inView(),
      lines: lines.map(({ id }) => ({ id, ...tally.line(id) })),
      zones: zones.map(({ id }) => {
        const { totals, over } = tally.zone(id);
        const { occupancy = 0, queue = 0 } = this.sights.find(({ zone }) => zone.id === id) ?? {};
        return { id, occupancy, queue, over: over !== null, totals };
      }),
      crossings,
    };
  }

  private async run(): Promise<void> {
    while (this.waiting !== undefined && !this.closed) {
      const frame = this.waiting;
      this.waiting = undefined;
      try {
        this.count(frame, await this.options.counter.count(frame));
        this.uncountedSince = undefined;
      } catch (error) {
        this.options.logger.error({ err: error, camera: this.options.camera }, 'frame could not be counted');
        if (this.latest?.frame !== frame) frame.release();
      }
    }
    this.running = undefined;
  }

  private count(frame: Frame, counted: CountedFrame): void {
    const { tally, clock } = this.options;
    const at = clock.at(frame.at);
    const people = confirmed(counted.tracks);
    this.latest?.frame.release();
    this.latest = { frame, tracks: counted.tracks, at };
    this.processed += 1;
    this.recentFrames.push(frame.at);
    if (this.recentFrames.length > RATE_WINDOW) this.recentFrames.shift();
    const gap = at - tally.accountedUntil;
    const closed = tally.advance(at, gap <= LONGEST_FRAME_GAP_MS ? 'observed' : 'overload');
    tally.see(people);
    for (const crossing of counted.crossings)
      tally.cross(crossing.line, crossing.direction, crossing.stitched);
    this.sights = this.zones.update(frame, counted.tracks);
    this.geometry.see(frame, counted.tracks);
    const records = [...closed, ...this.sights.flatMap((sight) => this.noteZone(sight, at))];
    const moved =
      counted.crossings.length > 0 ||
      this.sights.some(({ entered, ended }) => entered > 0 || ended.length > 0);
    if (records.length > 0 || moved || at - this.lastCheckpoint >= CHECKPOINT_MS) {
      // Durable first: nobody hears of a crossing, a visit or a full zone that a power cut could still take back.
      this.save(records);
    }
    this.recent = [
      ...this.recent,
      ...counted.crossings.map((crossing) => ({
        line: crossing.line,
        direction: crossing.direction,
        stitched: crossing.stitched,
        at: clock.at(crossing.at),
      })),
    ].slice(-MAX_RECENT);
    this.options.onCounted?.(frame, counted, at);
  }

  /** Add what a frame showed in a zone; the record, if the zone went over its capacity or came back. */
  private noteZone(sight: ZoneSight, at: number): CapacityRecord[] {
    const { camera, tally } = this.options;
    const { zone, occupancy, over } = sight;
    tally.seeZone(zone.id, sight);
    const exceeded = tally.zone(zone.id).over;
    // A capacity that was taken out of the configuration while it was exceeded is still called off.
    const capacity = zone.capacity ?? exceeded;
    if (capacity === null || over === (exceeded !== null)) return [];
    tally.setOver(zone.id, over ? capacity : null);
    return [{ kind: 'capacity', camera, zone: zone.id, at, over, occupancy, capacity }];
  }

  /** Nobody looks any more: the visits that go on end unseen. */
  private endVisits(): void {
    for (const { zone, visits } of this.zones.interrupt()) this.options.tally.endVisits(zone, visits);
    this.sights = [];
  }

  /** Log advice about lines and zones once, when it changes. */
  private logAdvice(now: number): void {
    if (Math.abs(now - this.advisedAt) < ADVICE_MS) return;
    this.advisedAt = now;
    const { lines, zones } = this.advice();
    const open = [...lines, ...zones].filter(({ advice }) => advice.length > 0);
    const text = JSON.stringify(open.map(({ id, advice }) => [id, advice]));
    if (open.length > 0 && text !== this.advised)
      this.options.logger.warn(
        { camera: this.options.camera, advice: open },
        'lines or zones could count better',
      );
    this.advised = text;
  }

  private advance(now: number, observation: Observation): void {
    const records = this.options.tally.advance(now, observation);
    if (records.length > 0 || now - this.lastCheckpoint >= CHECKPOINT_MS) this.save(records);
  }

  private save(records: readonly OutboxRecord[]): void {
    const { camera, tally, journal } = this.options;
    journal.write(records, { camera, state: tally.snapshot() });
    this.lastCheckpoint = tally.accountedUntil;
  }

  /** Why time without a counted frame was not observed. */
  private unseenReason(): Observation {
    return this.state === 'streaming' ? 'overload' : this.state;
  }
}

function confirmed(tracks: readonly Track[]): number {
  return tracks.filter((track) => track.state === 'confirmed').length;
}
