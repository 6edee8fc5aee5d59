import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Two pictures a second show people walking and cost little CPU (ms). */
const PERIOD_MS = 500;
/** People who may watch at a time: bounds what pictures cost while people are counted. */
const MAX_VIEWERS = 4;
const BOUNDARY = 'headcount-picture';

/** Never-ending multipart answers of JPEGs, for as many people as the gateway can afford. */
export class PictureStreams {
  private readonly logger: Logger;
  private viewers = 0;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  /** Undefined when too many people watch already. */
  open(picture: () => Promise<Buffer | undefined>): { body: PassThrough; contentType: string } | undefined {
    if (this.viewers >= MAX_VIEWERS) return undefined;
    const body = new PassThrough();
    this.viewers += 1;
    body.on('close', () => (this.viewers -= 1));
    pump(body, picture).catch((error: unknown) => {
      this.logger.error({ err: error }, 'picture stream failed');
      body.destroy();
    });
    return { body, contentType: `multipart/x-mixed-replace; boundary=${BOUNDARY}` };
  }
}

async function pump(body: PassThrough, picture: () => Promise<Buffer | undefined>): Promise<void> {
  const gone = new AbortController();
  body.on('close', () => gone.abort());
  while (!gone.signal.aborted) {
    const jpeg = await picture();
    if (jpeg !== undefined && !body.destroyed) {
      const head = `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
      const flushed = body.write(Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')]));
      if (!flushed) await untilAborted(once(body, 'drain', { signal: gone.signal }));
    }
    await untilAborted(sleep(PERIOD_MS, undefined, { signal: gone.signal }));
  }
}

async function untilAborted(wait: Promise<unknown>): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}
