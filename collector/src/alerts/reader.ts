import { setImmediate } from 'node:timers/promises';
import type { Store } from '../store/store.js';
import type { OwnNumbers } from './own-numbers.js';
import type { Sample, SignalName, Source } from './signal.js';
import { accessSource, credentialSource } from './sources/access.js';
import { accuracySource } from './sources/accuracy.js';
import { cameraSource, cameraTroubleSource, sceneSource } from './sources/cameras.js';
import { findingSource, heartbeatSource } from './sources/care.js';
import { burnSource, lossSource, silenceSource } from './sources/counts.js';
import { externalSource } from './sources/external.js';
import { connectSource, gatewaySource } from './sources/gateways.js';
import { hostSource } from './sources/hosts.js';
import { ownSource } from './sources/own.js';
import { dutySource, pageSource, pageTestSource } from './sources/pages.js';

/** Everything that is measured. */
const SOURCES: readonly Source[] = [
  ...[gatewaySource, connectSource, cameraSource, cameraTroubleSource, sceneSource, hostSource],
  ...[burnSource, silenceSource, lossSource, accuracySource],
  ...[pageSource, pageTestSource, dutySource, heartbeatSource, findingSource],
  ...[ownSource, credentialSource, accessSource, externalSource],
];

/** What a signal says of all places. */
export interface Reading {
  readonly samples: readonly Sample[];
  readonly periodMs: number;
  /** It could not be read: a place that is not named is unknown, not gone. */
  readonly failed: boolean;
}

export interface ReaderOptions {
  readonly own: OwnNumbers;
  /** A source failed; its signals are unknown until it is read again. */
  readonly onError: (signals: readonly SignalName[], error: unknown) => void;
}

/** Reads each source when its period is over and keeps what it said until then. */
export class SignalReader {
  private readonly options: ReaderOptions;
  private readonly kept = new Map<Source, { at: number; readings: Map<SignalName, Reading> }>();

  constructor(options: ReaderOptions) {
    this.options = options;
  }

  /** @param now UTC ms */
  async read(store: Store, now: number): Promise<Map<SignalName, Reading>> {
    const all = new Map<SignalName, Reading>();
    for (const source of SOURCES) {
      const kept = this.kept.get(source);
      const due = kept === undefined || now - kept.at >= source.periodMs || now < kept.at;
      const readings = due ? await this.look(source, store, now) : kept.readings;
      // SQLite works in this thread: gateways and pages get their turn.
      if (due) await setImmediate();
      for (const [name, reading] of readings) {
        const known = all.get(name);
        // A few signals have two sources: gateways' hosts and the collector's own.
        all.set(name, known === undefined ? reading : merged(known, reading));
      }
    }
    return all;
  }

  private async look(source: Source, store: Store, now: number): Promise<Map<SignalName, Reading>> {
    const { signals, periodMs } = source;
    const readings = new Map<SignalName, Reading>();
    try {
      const read = await source.read(store, now, this.options.own);
      for (const name of signals) readings.set(name, { samples: read[name] ?? [], periodMs, failed: false });
    } catch (error) {
      this.options.onError(signals, error);
      for (const name of signals) readings.set(name, { samples: [], periodMs, failed: true });
    }
    this.kept.set(source, { at: now, readings });
    return readings;
  }
}

function merged(one: Reading, other: Reading): Reading {
  return {
    samples: [...one.samples, ...other.samples],
    periodMs: Math.max(one.periodMs, other.periodMs),
    failed: one.failed || other.failed,
  };
}
