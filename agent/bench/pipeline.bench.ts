import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { pino } from 'pino';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { countFrames } from '../../scripts/lib/model/clip-frames.js';
import type { Detector } from '../src/detector/detector.js';
import { sessionOptions } from '../src/detector/model-session.js';
import { createDetector } from '../src/detector/onnx-detector.js';
import { LOW_SCORE_SHARE } from '../src/tracker/tracker.js';
import { busyClip, idleClip } from './lib/clips.js';
import { cpuSeconds, residentMiB } from './lib/cpu.js';
import { runPipeline, THRESHOLD } from './lib/run-pipeline.js';

const MODEL = fileURLToPath(new URL('../models/person-detector.onnx', import.meta.url));
const COPY = fileURLToPath(new URL('../models/person-detector.int8.onnx', import.meta.url));
const INFERENCES = 200;
/** Odd, so that there is a median. */
const ROUNDS = 3;
/** Cameras that share the detector, as on a gateway: with one alone the model would wait between its frames. */
const BUSY_CAMERAS = 2;
const SIZE = 416;
/** Cameras that run at once to see what one more costs in memory, and for how long (ms). */
const CAMERAS = 4;
const MEMORY_MS = 6000;
/** Frame rate of the cameras-per-core figures. */
const FPS = 5;

/**
 * The whole pipeline in CPU seconds, ffmpeg's included, beside its two unavoidable parts measured in the same run: bare
 * ffmpeg (decoding and scaling to the model's input, thrown away) and bare onnxruntime on one thread.
 */
export async function run(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  // Made before anything is measured: the encoder is a child whose CPU time would count.
  const [busyFile, shortIdle, longIdle] = [busyClip(), idleClip(20), idleClip(80)];
  const [busyFrames, idleFrames] = [await countFrames(busyFile), await countFrames(longIdle)];
  for (const [precision, model] of [
    ['fp32', MODEL],
    ['int8', COPY],
  ] as const) {
    const detector = await open(model);
    await runPipeline(busyFile, detector, { motionGate: false });
    const rounds = await inTurn({
      busy: async () => {
        const cameras = Array.from({ length: BUSY_CAMERAS }, () =>
          runPipeline(busyFile, detector, { motionGate: false }),
        );
        return { frames: (await Promise.all(cameras)).reduce((sum, { frames }) => sum + frames, 0) };
      },
      decode: () => Promise.resolve(bareDecode(busyFile, busyFrames, ['-vf', scale()])),
      decodeOnly: () => Promise.resolve(bareDecode(busyFile, busyFrames, [])),
      inference: () => bareInference(model),
    });
    const { busy, decode, decodeOnly, inference } = rounds;
    const idle = await steadyState(
      (clip) => runPipeline(clip, detector, { motionGate: true }),
      shortIdle,
      longIdle,
    );
    const idleDecode = await perFrame(() => Promise.resolve(bareDecode(longIdle, idleFrames, [])));
    const ms = (value: number) => `${value.toFixed(2)} ms`;
    const share = (part: number) => `${((100 * part) / busy).toFixed(1)} %`;
    rows.push(
      {
        name: `${precision}: pipeline, ${BUSY_CAMERAS} cameras with busy scenes, CPU per frame`,
        value: ms(busy),
      },
      {
        name: `${precision}: bare ffmpeg (decode and scale) + bare inference, CPU per frame`,
        value: `${ms(decode)} + ${ms(inference)}`,
      },
      {
        name: `${precision}: frames per CPU second, share of bare decode, scale and inference`,
        value: share(decode + inference),
      },
      {
        name: `${precision}: the same against decoding alone, scaling not counted`,
        value: share(decodeOnly + inference),
      },
      {
        name: `${precision}: pipeline, idle scene with noise, CPU per frame (of it bare decoding)`,
        value: `${ms(idle.ms)} (${ms(idleDecode.ms)})`,
      },
      { name: `${precision}: busy / idle`, value: (busy / idle.ms).toFixed(1) },
      {
        name: `${precision}: frames of the idle scene that the model was spared`,
        value: `${((100 * idle.gated) / idle.frames).toFixed(1)} %`,
      },
      {
        name: `${precision}: cameras per core at ${FPS} fps, busy / idle`,
        value: `${(1000 / busy / FPS).toFixed(1)} / ${(1000 / idle.ms / FPS).toFixed(1)}`,
      },
    );
    if (precision === 'fp32') rows.push(...(await memory(detector)));
    await detector.close();
  }
  return rows;
}

function open(model: string): Promise<Detector> {
  const logger = pino({ level: 'silent' });
  const threshold = THRESHOLD * LOW_SCORE_SHARE;
  return createDetector({ model, family: 'auto', threads: 1, threshold, logger });
}

async function perFrame(work: () => Promise<{ frames: number; gated?: number }>) {
  const before = cpuSeconds();
  const { frames, gated = 0 } = await work();
  return { ms: ((cpuSeconds() - before) * 1000) / frames, frames, gated };
}

/** The median of several rounds in which everything is measured in turn: a machine's speed drifts within minutes. */
async function inTurn<Part extends string>(
  parts: Record<Part, () => Promise<{ frames: number }>>,
): Promise<Record<Part, number>> {
  const names = Object.keys(parts) as Part[];
  const measured = new Map<Part, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) measured.get(name)?.push((await perFrame(parts[name])).ms);
  }
  const median = (values: number[]) => values.sort((one, other) => one - other)[ROUNDS >> 1] ?? NaN;
  return Object.fromEntries(names.map((name) => [name, median(measured.get(name) ?? [])])) as Record<
    Part,
    number
  >;
}

/** Per frame without the start, in which the gate learns the scene: what the long clip takes more than the short one. */
async function steadyState(
  work: (clip: string) => ReturnType<typeof runPipeline>,
  short: string,
  long: string,
) {
  const [first, all] = [await perFrame(() => work(short)), await perFrame(() => work(long))];
  const [frames, gated] = [all.frames - first.frames, all.gated - first.gated];
  return { ms: (all.ms * all.frames - first.ms * first.frames) / frames, frames, gated };
}

function scale(): string {
  return `scale=${SIZE}:${SIZE}:flags=bilinear:out_range=tv,format=yuv420p`;
}

/** @param frames of the clip, counted before the measurement: counting is a child whose CPU time would count */
function bareDecode(clip: string, frames: number, filter: readonly string[]): { frames: number } {
  const args = ['-v', 'error', '-nostdin', '-threads', '1', '-i', clip, ...filter];
  execFileSync('ffmpeg', [...args, '-f', 'null', '-']);
  return { frames };
}

async function bareInference(model: string): Promise<{ frames: number }> {
  const session = await InferenceSession.create(model, sessionOptions(1));
  const image = new Tensor('float32', new Float32Array(3 * SIZE * SIZE), [1, 3, SIZE, SIZE]);
  for (let run = 0; run < INFERENCES; run++) await session.run({ image });
  await session.release();
  return { frames: INFERENCES };
}

/** What one more camera costs: memory with one and with several live cameras that share the detector. */
async function memory(detector: Detector): Promise<BenchRow[]> {
  const live = () => runPipeline(busyClip(), detector, { motionGate: true, pace: 'newest', fps: FPS });
  const one = [live()];
  await wait();
  const before = residentMiB();
  const more = Array.from({ length: CAMERAS - 1 }, live);
  await wait();
  const after = residentMiB();
  await Promise.all([...one, ...more]);
  const each = (part: 'own' | 'children') =>
    `${((after[part] - before[part]) / (CAMERAS - 1)).toFixed(0)} MiB`;
  return [
    {
      name: 'resident memory of the agent with one camera, its ffmpeg',
      value: `${before.own.toFixed(0)} MiB, ${before.children.toFixed(0)} MiB`,
    },
    { name: 'each further camera: agent, its ffmpeg', value: `${each('own')}, ${each('children')}` },
  ];
}

function wait(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, MEMORY_MS));
}
