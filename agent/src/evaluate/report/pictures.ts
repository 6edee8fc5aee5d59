import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toPixels } from '../../counter/polygon.js';
import { drawPicture } from '../../picture/draw.js';
import type { DrawnLine } from '../../picture/overlay.js';
import type { FrameEvent, JudgedEvent } from '../match.js';
import type { Placement } from '../placement.js';
import type { FrameOutcome } from '../run-clip.js';
import type { TruthFile } from '../truth.js';

/** Most pictures in one report: about 10 MB. The rest of the wrong events stand there without. */
const MAX_PICTURES = 150;

/** Settings of {@link EventPictures.create}. */
export interface EventPicturesOptions {
  readonly truth: TruthFile;
  readonly placement: Placement;
  /** Frames that are scored, both included. */
  readonly range: { readonly from: number; readonly to: number };
}

/**
 * Pictures of the moments in which something happened or was counted. Which of them went wrong is known only at the
 * end, and a camera cannot be played again: so all are kept, as JPEGs in a temporary folder rather than in memory.
 */
export class EventPictures {
  private readonly options: EventPicturesOptions;
  private readonly folder: string;
  private readonly files = new Map<string, string>();
  private readonly totals: { in: number; out: number }[];

  private constructor(options: EventPicturesOptions, folder: string) {
    this.options = options;
    this.folder = folder;
    this.totals = options.placement.lines.map(() => ({ in: 0, out: 0 }));
  }

  static async create(options: EventPicturesOptions): Promise<EventPictures> {
    return new EventPictures(options, await mkdtemp(join(tmpdir(), 'headcount-evaluate-')));
  }

  /** Keep what a frame shows of the events that are due. */
  async add(outcome: FrameOutcome): Promise<void> {
    for (const { line, ...event } of outcome.crossings) {
      const total = this.totals[line];
      if (total !== undefined) total[event.direction] += 1;
      await this.keep(outcome, line, keyOf(line, 'counted', event));
    }
    const { truth, placement, range } = this.options;
    if (outcome.frame > range.to) return;
    for (const [line, { name }] of placement.lines.entries()) {
      for (const event of truth.lines[name]?.events ?? []) {
        const due = event.frame >= range.from && event.frame <= outcome.frame;
        const key = keyOf(line, 'truth', event);
        if (due && !this.files.has(key)) await this.keep(outcome, line, key);
      }
    }
  }

  /**
   * The pictures of wrong events, base64 JPEG; the first {@link MAX_PICTURES} of them.
   * @param lines the judged events of each line, in the order of the placement
   */
  async ofWrong(lines: readonly (readonly JudgedEvent[])[]): Promise<Map<JudgedEvent, string>> {
    const wanted = lines.flatMap((events, line) =>
      events.flatMap((event) => {
        const key = wrongKey(event, line);
        const file = key === undefined ? undefined : this.files.get(key);
        return file === undefined ? [] : [{ event, file }];
      }),
    );
    const pictures = new Map<JudgedEvent, string>();
    for (const { event, file } of wanted.slice(0, MAX_PICTURES))
      pictures.set(event, (await readFile(file)).toString('base64'));
    return pictures;
  }

  /** Delete the temporary folder. */
  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async keep(outcome: FrameOutcome, line: number, key: string): Promise<void> {
    const { width, height, tracks, frame } = outcome;
    const caption = `frame ${frame}`;
    const jpeg = await drawPicture(
      outcome.picture,
      {
        width,
        height,
        tracks,
        lines: this.drawn(line, outcome),
        zones: [],
        caption,
      },
      'clear',
    );
    const file = join(this.folder, `${this.files.size}.jpg`);
    await writeFile(file, jpeg);
    this.files.set(key, file);
  }

  private drawn(index: number, { width, height }: { width: number; height: number }): DrawnLine[] {
    const line = this.options.placement.lines[index];
    const totals = this.totals[index];
    if (line === undefined || totals === undefined) return [];
    const { from, via, to, directions } = line.config;
    return [{ name: line.name, path: toPixels([from, ...via, to], { width, height }), directions, totals }];
  }
}

function keyOf(line: number, kind: 'truth' | 'counted', { frame, track, direction }: FrameEvent): string {
  return [line, kind, frame, track, direction].join(' ');
}

/** A wrong event is shown where it was counted, a missed one where it should have been. */
function wrongKey({ verdict, truth, counted }: JudgedEvent, line: number): string | undefined {
  if (verdict === 'right' || verdict === 'optional') return undefined;
  if (counted !== undefined) return keyOf(line, 'counted', counted);
  return truth === undefined ? undefined : keyOf(line, 'truth', truth);
}
