import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AgentConfig } from './config/config.js';
import { ffmpegMajorVersion } from './decoder/probe.js';
import { openSettings } from './desired-config.js';
import { openDetector } from './detector/choose-precision.js';
import type { Detector } from './detector/detector.js';
import type { Outbox } from './outbox/outbox.js';
import { openOutbox } from './outbox/sqlite-outbox.js';
import type { DesiredStore } from './settings/desired-store.js';
import type { Settings } from './settings/settings.js';
import { LOW_SCORE_SHARE } from './tracker/tracker.js';

/** Parts of the agent that fail on a wrong set-up, open. */
export interface OpenParts {
  readonly settings: Settings;
  readonly store: DesiredStore;
  readonly logger: Logger;
  readonly detector: Detector;
  readonly outbox: Outbox;
  readonly ffmpegMajor: number;
}

/**
 * Open everything that can fail on a wrong set-up: settings, ffmpeg, model, outbox.
 * @throws DetectorError, OutboxError
 */
export async function openParts(file: AgentConfig, logger: Logger): Promise<OpenParts> {
  const { settings, store } = await openSettings(file, logger);
  const config = settings.effective();
  const ffmpegMajor = await ffmpegMajorVersion();
  const { threshold, precision: wanted } = config.detector;
  const options = { ...config.detector, threshold: threshold * LOW_SCORE_SHARE, logger };
  const { detector, precision, reason } = await openDetector(options, wanted);
  const { family, modelHash } = detector;
  logger.info({ precision, reason, family, modelHash }, 'model chosen');
  const outbox = openOutbox({ file: join(config.dataDir, 'outbox.sqlite'), now: Date.now, logger });
  return { settings, store, logger, detector, outbox, ffmpegMajor };
}
