import type { HostRecord } from '@headcount/shared';
import { HostSampler, type HostSamplerOptions } from './host-sampler.js';

const SAMPLE_MS = 60_000;

/** What a watch needs beside a sampler's options. */
export interface HostWatchOptions extends HostSamplerOptions {
  /** Takes every sample; not called any more after a stop. */
  readonly onSample: (host: HostRecord) => void;
}

/** Takes a host sample at the start and then every minute, and keeps the newest. */
export class HostWatch {
  private readonly onSample: (host: HostRecord) => void;
  private readonly sampler: HostSampler;
  private timer: NodeJS.Timeout | undefined;
  private latest: HostRecord | null = null;
  private stopped = false;

  constructor(options: HostWatchOptions) {
    this.onSample = options.onSample;
    this.sampler = new HostSampler(options);
  }

  /** Begin; resolves when the first sample is there. */
  async start(): Promise<void> {
    if (this.timer !== undefined || this.stopped) return;
    this.timer = setInterval(() => void this.take(), SAMPLE_MS);
    this.sampler.start();
    await this.take();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.sampler.stop();
  }

  /** The newest sample; null before the first. */
  get newest(): HostRecord | null {
    return this.latest;
  }

  private async take(): Promise<void> {
    const host = await this.sampler.sample();
    if (this.stopped) return;
    this.latest = host;
    this.onSample(host);
  }
}
