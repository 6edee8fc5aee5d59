import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Camera } from './camera.js';
import type { Knock } from './diagnosis.js';
import type { Frame, FrameSource, SourceEnd, YuvImage } from './frame.js';
import { SpawnBudget } from './spawn-budget.js';

const DEAD: Knock = { tcp: 'refused', rtsp: 'none', status: null, video: null, detail: 'door:554: refused' };
const now = () => performance.now();

/** A decoder in the test's hands. */
class Script implements FrameSource {
  skipped = 0;
  decodeErrors = 0;
  stream = undefined;
  excused = 0;
  private handlers: Parameters<FrameSource['start']>[0] | undefined;
  private released = 0;
  private sent = 0;

  start(handlers: Parameters<FrameSource['start']>[0]): void {
    this.handlers = handlers;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  excuse(): void {
    this.excused += 1;
  }

  frame(luma: number): void {
    const y = new Uint8Array(64 * 64).fill(luma);
    const picture: YuvImage = { y, u: y, v: y, width: 64, height: 64, strideY: 64, strideUv: 32 };
    const release = () => (this.released += 1);
    this.sent += 1;
    const frame: Frame = { width: 64, height: 64, picture, views: [], number: this.sent, at: now(), release };
    this.handlers?.onFrame(frame);
  }

  end(cause: SourceEnd['cause']): void {
    this.handlers?.onEnd({ cause, detail: 'last words' });
  }

  get unreleased(): number {
    return this.sent - this.released;
  }
}

let sources: Script[];
let edges: string[];
let handedOn: number;
let camera: Camera;
let cpuBusy: number;
const source = () => sources.at(-1) ?? new Script();

beforeEach(() => {
  vi.useFakeTimers();
  [sources, edges, handedOn, cpuBusy] = [[], [], 0, 0.1];
  camera = new Camera({
    id: 'door',
    enabled: true,
    hasCredentials: false,
    openSource: () => {
      const script = new Script();
      sources.push(script);
      return script;
    },
    knock: () => Promise.resolve(DEAD),
    budget: new SpawnBudget(now),
    frameShare: () => 1,
    cpuBusy: () => cpuBusy,
    onFrame: (frame) => {
      handedOn += 1;
      frame.release();
    },
    onState: ({ state, cause }) => edges.push(`${state}: ${cause}`),
    monotonic: now,
    random: () => 0.5,
    logger: pino({ level: 'silent' }),
  });
  camera.start();
});
afterEach(async () => {
  await camera.stop();
  vi.useRealTimers();
});

/** Send a frame every half second. */
function stream(seconds: number, luma: (index: number) => number): void {
  for (let index = 0; index < seconds * 2; index++) {
    vi.advanceTimersByTime(500);
    source().frame(luma(index));
  }
}

describe('a camera', () => {
  it('hands its frames on, but not those of a frozen picture, and goes on when it changes', () => {
    stream(5, (index) => index);
    expect(handedOn).toBe(10);
    stream(25, () => 200);
    expect(edges).toEqual(['connecting: started', 'streaming: first-frame', 'stalled: frozen']);
    const before = handedOn;
    stream(5, () => 200);
    expect(handedOn).toBe(before);
    source().frame(77);
    expect(edges.at(-1)).toBe('streaming: recovered');
    expect(handedOn).toBe(before + 1);
    expect(source().unreleased).toBe(0);
  });

  it('stalls after three seconds without a frame, but not because the machine was stuck', () => {
    stream(2, (index) => index);
    vi.advanceTimersByTime(500);
    // Time passes, but no timer runs until it is over.
    const stuck = vi.spyOn(performance, 'now').mockReturnValue(now() + 20_000);
    vi.advanceTimersByTime(500);
    stuck.mockRestore();
    expect(edges.at(-1)).toBe('streaming: first-frame');
    expect(source().excused).toBe(1);
  });

  it('gives a decoder half a minute for its first frame while the machine is busy', () => {
    vi.advanceTimersByTime(5000);
    expect(source().excused).toBe(0);
    cpuBusy = 0.95;
    vi.advanceTimersByTime(60_000);
    expect(source().excused).toBeGreaterThan(40);
    expect(source().excused).toBeLessThan(52);
  });

  it('names a stall and its end', () => {
    stream(2, (index) => index);
    vi.advanceTimersByTime(4000);
    expect(edges.at(-1)).toBe('stalled: silent');
    source().frame(9);
    expect(edges.at(-1)).toBe('streaming: first-frame');
  });

  it('says what the decoder said, then what a knock found, and starts nothing at a closed port', async () => {
    stream(2, (index) => index);
    source().end('stream-ended');
    expect(camera.edge).toEqual({ state: 'backoff', cause: 'stream-ended', detail: 'last words' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(camera.edge).toEqual({ state: 'backoff', cause: 'refused', detail: 'door:554: refused' });
    expect(edges.filter((edge) => edge.startsWith('backoff'))).toEqual([
      'backoff: stream-ended',
      'backoff: refused',
    ]);
    expect(camera.starts).toBe(1);
    expect(camera.moves).toBe(true);
    expect(camera.retryAt).toBeGreaterThan(now());
  });

  it('tells of a step of the clock while it counts, without losing a frame', () => {
    stream(2, (index) => index);
    camera.clockStepped();
    stream(1, (index) => index);
    expect(edges.at(-1)).toBe('streaming: clock-step');
    stream(12, (index) => index);
    expect(edges.at(-1)).toBe('streaming: recovered');
    expect(handedOn).toBe(30);
  });

  it('no longer moves when its decoder neither sends nor ends', () => {
    stream(2, (index) => index);
    vi.advanceTimersByTime(59_000);
    expect(camera.moves).toBe(true);
    vi.advanceTimersByTime(2000);
    expect(camera.moves).toBe(false);
  });

  it('ignores a decoder that it has given up', async () => {
    stream(2, (index) => index);
    await camera.stop();
    const before = edges.length;
    source().frame(1);
    source().end('silent');
    expect(edges).toHaveLength(before);
    expect(source().unreleased).toBe(0);
  });
});
