import { fileURLToPath } from 'node:url';
import { redactUrls } from '@headcount/shared';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { pino } from 'pino';
import { readCamera } from '../config/config.js';
import { readClip, type ClipInfo } from './clip-info.js';
import { evaluate, lastFrameOf, scoredRange, type EvaluateOptions, type Evaluation } from './evaluate.js';
import { FrameStreamError } from './frame-stream.js';
import { HELP } from './help.js';
import { placeTruth } from './placement.js';
import { Progress } from './progress.js';
import { EventPictures } from './report/pictures.js';
import { checkReportPlace, writeReport } from './report/write-report.js';
import { LOOK_AT_ALL } from './run-clip.js';
import { textReport } from './text-report.js';
import { readTruth } from './truth.js';

/** Options of `evaluate` as commander parses them. */
interface Options {
  readonly truth: string;
  readonly boxes?: string;
  readonly fps?: number;
  readonly speed: 'max' | 'real';
  readonly from?: number;
  readonly to?: number;
  readonly for?: number;
  readonly startFrame?: number;
  readonly config?: string;
  readonly camera?: string;
  readonly model?: string;
  readonly precision: 'auto' | 'fp32' | 'int8';
  readonly threshold: number;
  readonly json?: true;
  readonly report?: string;
}

/** An evaluation without its surroundings. */
type Request = Omit<EvaluateOptions, 'logger' | 'signal' | 'onFrame'>;

/** Add `headcount-agent evaluate` to the program. */
export function addEvaluateCommand(root: Command): void {
  root
    .command('evaluate')
    .description('count a clip and compare with the truth: crossings, visits, boxes and tracks')
    .argument('<clip>', 'video file, or rtsp:// address without a password')
    .requiredOption('--truth <file>', 'JSON with lines and zones and what really happened there')
    .option('--boxes <csv>', 'true boxes: frame,id,x,y,w,h (instead of the ones that the truth file names)')
    .option('--fps <n>', 'frames per second that are counted, 0.1 to 240 (default: all)', number(0.1, 240))
    .addOption(
      new Option('--speed <speed>', 'max: every frame; real: as at a camera, frames are dropped when busy')
        .choices(['max', 'real'])
        .default('max'),
    )
    .option('--from <frame>', 'first frame that is scored', wholeNumber)
    .option('--to <frame>', 'last frame that is scored', wholeNumber)
    .option(
      '--for <seconds>',
      'end after so much of the clip; a camera needs this or a last frame',
      number(0.1, 1e6),
    )
    .option('--start-frame <frame>', "the clip's frame that a camera shows first (default: 1)", wholeNumber)
    .option('--config <agent.yaml>', 'count with the region, tiles, masks and person sizes of a camera in it')
    .option('--camera <id>', 'which camera of --config (default: its only one)')
    .option('--model <file>', 'ONNX model instead of the default one')
    .addOption(
      new Option('--precision <precision>', 'of the model: int8 needs its copy, see npm run quantize')
        .choices(['auto', 'fp32', 'int8'])
        .default('fp32'),
    )
    .option('--threshold <score>', 'least score that starts a track, 0 to 1', number(0, 1), 0.5)
    .option('--json', 'print JSON instead of tables')
    .option('--report <file.html>', 'write a page with timelines and a picture of each wrong event')
    .addHelpText('after', HELP)
    .action((clip: string, options: Options, command: Command) => runEvaluation(clip, options, command));
}

async function runEvaluation(url: string, options: Options, command: Command): Promise<void> {
  if (/^[a-z]+:\/\/[^/]*@/.test(url))
    usage(command, 'put the login into HEADCOUNT_CAMERA_LOGIN, not into the address');
  if (options.from !== undefined && options.to !== undefined && options.from > options.to)
    usage(command, `--from ${options.from} lies after --to ${options.to}`);
  if (options.camera !== undefined && options.config === undefined)
    usage(command, '--camera names a camera of a configuration; give --config <agent.yaml> too');
  if (options.report !== undefined) await checkReportPlace(options.report);
  const request = await prepare(url, options);
  if (lastFrameOf(request) === Infinity)
    usage(command, 'a camera has no end; give --for <seconds> or --to <frame>');
  const evaluation =
    options.report === undefined
      ? await count(request, () => undefined)
      : await countAndReport(request, options.report);
  warn(evaluation, request);
  const printed = { ...evaluation, clip: describeClip(request.clip, options) };
  process.stdout.write(options.json === true ? `${JSON.stringify(printed)}\n` : textReport(evaluation));
}

/** What is counted and how; everything that can be wrong with the command or the files is found here. */
async function prepare(url: string, options: Options): Promise<Request> {
  const truth = readTruth(options.truth, options.boxes);
  const clip = await readClip(
    { url, credentials: login() },
    { fps: truth.fps, startFrame: options.startFrame },
  );
  return {
    ...{ clip, truth, placement: placeTruth(truth, clip) },
    look: options.config === undefined ? LOOK_AT_ALL : readCamera(options.config, options.camera),
    ...{
      from: options.from,
      to: options.to,
      forSeconds: options.for,
      fps: options.fps,
      speed: options.speed,
    },
    ...{ threshold: options.threshold, model: options.model ?? defaultModel(), precision: options.precision },
  };
}

async function count(request: Request, onFrame: EvaluateOptions['onFrame']): Promise<Evaluation> {
  const stop = new AbortController();
  const interrupt = () => stop.abort(new FrameStreamError('stopped before the end'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const progress = new Progress(process.stderr, lastFrameOf(request), () => performance.now());
  try {
    return await evaluate({
      ...request,
      logger: pino({ level: 'silent' }),
      signal: stop.signal,
      onFrame: async (outcome) => {
        await onFrame(outcome);
        progress.update(outcome.frame);
      },
    });
  } finally {
    progress.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function countAndReport(request: Request, file: string): Promise<Evaluation> {
  const { truth, placement } = request;
  const pictures = await EventPictures.create({ truth, placement, range: scoredRange(request) });
  try {
    const evaluation = await count(request, (outcome) => pictures.add(outcome));
    const { clip, model, threshold, fps, speed } = request;
    const settings = { model, threshold, fps, speed };
    const command = process.argv.slice(2);
    await writeReport({ file, evaluation, truth, clip, settings, pictures, command, now: new Date() });
    return evaluation;
  } finally {
    await pictures.close();
  }
}

/** What a reader must know to repeat the run. */
function describeClip({ url, width, height, fps }: ClipInfo, options: Options) {
  return {
    url: redactUrls(url),
    width,
    height,
    fps,
    countedFps: options.fps ?? fps,
    threshold: options.threshold,
  };
}

function warn({ run, range, detection }: Evaluation, { clip, truth }: Request): void {
  const boxes = truth.boxesByFrame;
  const say = (text: string) => process.stderr.write(`headcount-agent: ${text}\n`);
  if (range.to < range.from)
    say(`nothing was scored: the run ended at frame ${run.lastFrame}, scoring begins at ${range.from}`);
  else if (run.lastFrame + clip.fps < range.to)
    say(`the clip ended at frame ${run.lastFrame}, before the last scored frame ${range.to}`);
  if (run.dropped > 0) say(`${run.dropped} frames were dropped because this machine was too slow for them`);
  if (boxes !== undefined && detection === null) say('no frame with true boxes was counted and scored');
}

function usage(command: Command, message: string): never {
  command.error(`error: ${message}`);
}

function login(): ClipInfo['credentials'] {
  const [user, ...password] = (process.env['HEADCOUNT_CAMERA_LOGIN'] ?? '').split(':');
  return user ? { user, password: password.join(':') } : undefined;
}

function defaultModel(): string {
  return fileURLToPath(new URL('../../models/person-detector.onnx', import.meta.url));
}

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    return value;
  };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
