import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { redactUrls } from '@headcount/shared';
import { agentVersion } from '../../version.js';
import type { ClipInfo } from '../clip-info.js';
import type { Evaluation } from '../evaluate.js';
import type { TruthFile } from '../truth.js';
import { reportPage } from './page.js';
import type { EventPictures } from './pictures.js';

/** The report cannot be written where it was asked for. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  readonly code = 'REPORT_NOT_WRITABLE';
}

/** What a report is made of. */
export interface ReportOptions {
  readonly file: string;
  readonly evaluation: Evaluation;
  readonly truth: TruthFile;
  readonly clip: ClipInfo;
  readonly settings: {
    readonly model: string;
    readonly threshold: number;
    readonly fps: number | undefined;
    readonly speed: string;
  };
  readonly pictures: EventPictures;
  /** Arguments of the program, as they were typed. */
  readonly command: readonly string[];
  readonly now: Date;
}

/**
 * Refuse a report that could not be written, before minutes of counting.
 * @throws ReportError
 */
export async function checkReportPlace(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ReportError(`${file} cannot be written: ${folder} is missing or not writable`, { cause });
  }
}

/** Write the HTML report. */
export async function writeReport(options: ReportOptions): Promise<void> {
  const { evaluation, truth, clip, pictures } = options;
  const page = reportPage({
    evaluation,
    about: aboutRun(options),
    clip: basename(redactUrls(clip.url)),
    pictures: await pictures.ofWrong(evaluation.lines.map(({ events }) => events)),
    secondsAt: (frame) => clip.clock.timeOf(Math.round(frame)) / 1000,
    directions: (line) => truth.lines[line]?.directions ?? { in: 'in', out: 'out' },
  });
  await writeFile(options.file, page);
}

function aboutRun({ evaluation, truth, clip, settings, command, now }: ReportOptions): [string, string][] {
  const { run } = evaluation;
  const rate = settings.fps === undefined ? 'every frame counted' : `${settings.fps} counted`;
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const date = now.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'long' });
  return [
    ['Clip', `${redactUrls(clip.url)}, ${clip.width} x ${clip.height} pixels`],
    ['Truth', truth.file],
    ['Frames per second', `${clip.fps} in the clip, ${rate}`],
    ['Frames counted', `${run.counted}, the last one is ${run.lastFrame}; ${run.dropped} dropped`],
    ['Speed', settings.speed === 'real' || clip.live ? 'as at a camera' : 'as fast as possible'],
    ['Threshold', String(settings.threshold)],
    ['Model', `${basename(settings.model)}, SHA-256 ${run.modelHash}`],
    ['Agent', agentVersion()],
    ['Date', `${date} (${zone})`],
    ['Command', redactUrls(['headcount-agent', ...command].map(quoted).join(' '))],
  ];
}

/** An argument as a shell wants it. */
function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
