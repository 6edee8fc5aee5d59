import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { eachFrame } from '../../scripts/lib/model/clip-frames.js';
import { ClipRecorder, type ClipDraft, type Sight } from '../src/audit/clip-recorder.js';
import { encodeStrip } from '../src/audit/strip.js';
import type { Frame } from '../src/camera/frame.js';
import { lineSchema } from '../src/config/camera-config.js';
import { createDetector } from '../src/detector/onnx-detector.js';
import { EVERYBODY } from '../src/detector/person-filter.js';
import { FrameCounter } from '../src/pipeline/frame-counter.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';
import { CLIP } from './lib/clips.js';
import { cpuSeconds } from './lib/cpu.js';
import { THRESHOLD } from './lib/run-pipeline.js';

const MODEL = fileURLToPath(new URL('../models/person-detector.onnx', import.meta.url));
const logger = pino({ level: 'silent' });
const lines = [lineSchema.parse({ id: 'a', name: 'A', from: [0.39, 0.26], to: [0.39, 0.83] })];
/** Most clips that are drawn in an hour while everything is taken; a busy line adds the logarithm of its traffic. */
const CLIPS_AN_HOUR = 12;
/** A frame with many people, and how often it is kept. */
const BUSY_FRAME = 300;
const KEPT_FRAMES = 5000;

/** What keeping the last seconds costs a frame, and what a clip costs when it is due. */
export async function run(): Promise<BenchRow[]> {
  const detector = await createDetector({ model: MODEL, family: 'auto', threads: 1, threshold: 0.3, logger });
  const drafts: ClipDraft[] = [];
  const recorder = new ClipRecorder({
    camera: { id: 'door', lines },
    offer: (draft) => drafts.push(draft),
    logger,
  });
  const counter = new FrameCounter({
    detector,
    counter: new PersonCounter({ lines, highScore: THRESHOLD }),
    filter: EVERYBODY,
    motionGate: true,
  });
  let keeping = 0;
  const take = async (frame: Frame) => {
    const at = frame.number * 100;
    const { tracks, detections, crossings } = await counter.count(frame, at);
    const sight = { frame, tracks, detections, at, crossings };
    recorder.see(sight);
    if (frame.number === BUSY_FRAME) keeping = keepingCost(sight);
  };
  await eachFrame({ clip: CLIP, input: detector.input, logger }, take);
  await detector.close();
  const before = cpuSeconds();
  let bytes = 0;
  for (const { frames: pictures } of drafts) bytes += (await encodeStrip(pictures)).jpeg.length;
  const each = (cpuSeconds() - before) / drafts.length;
  return [
    { name: 'keeping the last seconds, per frame at 10 fps', value: `${keeping.toFixed(3)} ms` },
    { name: 'encoding one clip, CPU', value: `${(1000 * each).toFixed(0)} ms` },
    { name: 'size of one clip', value: `${(bytes / drafts.length / 1024).toFixed(0)} KiB` },
    {
      name: `share of a core for ${CLIPS_AN_HOUR} clips an hour`,
      value: `${((100 * CLIPS_AN_HOUR * each) / 3600).toFixed(3)} %`,
    },
  ];
}

/** CPU milliseconds a frame of a recorder that sees the same busy picture all the time. */
function keepingCost(sight: Sight): number {
  const recorder = new ClipRecorder({ camera: { id: 'door', lines }, offer: () => undefined, logger });
  const before = cpuSeconds();
  for (let frame = 0; frame < KEPT_FRAMES; frame++)
    recorder.see({ ...sight, at: frame * 100, crossings: [] });
  return ((cpuSeconds() - before) * 1000) / KEPT_FRAMES;
}
