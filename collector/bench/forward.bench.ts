/** What the collector's broker forwards beside Mosquitto and beside bare Aedes: the same client, the same machine, in one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { topicFor } from '@headcount/shared';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { freePort } from '../../scripts/lib/free-port.js';
import { processorSeconds } from '../../scripts/lib/processor-seconds.js';
import { startProgram } from '../../scripts/lib/program.js';
import { mosquittoVersion, startMosquitto } from '../../scripts/lib/servers.js';
import { newSecret } from '../src/security/secrets.js';
import { RawClient, text } from './lib/raw-client.js';

const PAYLOAD_BYTES = 512;
/** Messages of each pair: below the burst that the collector's broker allows a gateway (5,000 packets). */
const EACH = 4000;
/** Pairs one after another, and pairs at once. */
const ALONE = 25;
const TOGETHER = 50;
/** Messages of all pairs that are under way at a time. */
const UNDER_WAY = 500;
/** Every figure is the median of so many rounds, in which the brokers take turns. */
const ROUNDS = 3;
const BROKER = fileURLToPath(new URL('lib/forward-broker.ts', import.meta.url));
const PAYLOAD = Buffer.alloc(PAYLOAD_BYTES, 'x');

/** A broker that is measured. */
interface Subject {
  readonly name: string;
  /** Where the publisher of a pair sends, and its subscriber listens. */
  readonly topics: (pair: number) => { readonly from: string; readonly to: string };
  readonly start: (password: string) => Promise<{ port: number; pid: number; stop: () => Promise<unknown> }>;
}

interface Figure {
  /** Messages a second. */
  readonly rate: number;
  /** Processor time of the broker's process for 100,000 messages (s). */
  readonly cpu: number;
}

/** Figures of one broker: a pair alone, and all at once. */
interface Figures {
  readonly alone: Figure;
  readonly together: Figure;
}

export async function run(): Promise<BenchRow[]> {
  const ours = { name: "the collector's broker", topics: byCollector, start: startOurs('ours') };
  const aedes = { name: 'Aedes alone, no rules', topics: direct, start: startOurs('aedes') };
  const mosquitto = {
    name: `Mosquitto ${mosquittoVersion()}, password file`,
    topics: direct,
    start: startTheirs,
  };
  const subjects: Subject[] = [ours, aedes, mosquitto];
  const found = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const subject of subjects) found.get(subject.name)?.push(await measure(subject));
  const medians = new Map([...found].map(([name, rounds]) => [name, medianOf(rounds)]));
  const rows = [...medians].flatMap(([name, { alone, together }]) => [
    { name: `${name}: one publisher to one subscriber`, value: describe(alone) },
    { name: `${name}: ${TOGETHER} publishers to ${TOGETHER} subscribers`, value: describe(together) },
  ]);
  const [mine, theirs] = [medians.get(ours.name), medians.get(mosquitto.name)];
  if (mine === undefined || theirs === undefined) return rows;
  return [
    ...rows,
    { name: "the collector's broker / Mosquitto: one to one", value: ratio(mine.alone, theirs.alone) },
    {
      name: `the collector's broker / Mosquitto: ${TOGETHER} to ${TOGETHER}`,
      value: ratio(mine.together, theirs.together),
    },
  ];
}

/** A gateway sends to the collector, and the collector to a gateway. */
function byCollector(pair: number) {
  return { from: topicFor(`pub-${pair}`, 'live'), to: topicFor(`sub-${pair}`, 'receipt') };
}

function direct(pair: number) {
  const topic = topicFor(`sub-${pair}`, 'receipt');
  return { from: topic, to: topic };
}

function startOurs(kind: 'ours' | 'aedes'): Subject['start'] {
  return async (password) => {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
    const program = await startProgram({
      ...{ name: kind, script: BROKER, args: [kind, password, String(PAYLOAD_BYTES)] },
      env: { NODE_OPTIONS: '--import tsx --conditions=headcount-source' },
      log: join(folder, 'log'),
      ready: /^listening \d+$/,
    });
    const port = Number(program.lines.at(-1)?.split(' ')[1]);
    const stop = async () => {
      await program.stop();
      rmSync(folder, { recursive: true });
    };
    return { port, pid: program.pid, stop };
  };
}

async function startTheirs(password: string) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
  const names = Array.from({ length: ALONE + TOGETHER }, (_, pair) => [`pub-${pair}`, `sub-${pair}`]).flat();
  const server = await startMosquitto(folder, { port: await freePort(0), names, password });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  return { port: server.port, pid: server.pid, stop };
}

async function measure({ topics, start }: Subject): Promise<Figures> {
  const password = newSecret();
  const { port, pid, stop } = await start(password);
  const connect = (name: string) => RawClient.connect(port, { name, password });
  const pairs: Transfer[] = [];
  for (let pair = 0; pair < ALONE + TOGETHER; pair++) {
    const { from, to } = topics(pair);
    const [publisher, subscriber] = [await connect(`pub-${pair}`), await connect(`sub-${pair}`)];
    await subscriber.subscribe(to);
    pairs.push({ publisher, subscriber, topic: text(from) });
  }
  const [singles, others] = [pairs.slice(0, ALONE), pairs.slice(ALONE)];
  const alone = await timed(pid, singles.length, async () => {
    for (const pair of singles) await transfer(pair, UNDER_WAY);
  });
  const together = await timed(pid, others.length, () =>
    Promise.all(others.map((pair) => transfer(pair, UNDER_WAY / others.length))),
  );
  for (const { publisher, subscriber } of pairs) for (const client of [publisher, subscriber]) client.end();
  await stop();
  return { alone, together };
}

interface Transfer {
  readonly publisher: RawClient;
  readonly subscriber: RawClient;
  readonly topic: Buffer;
}

/** Send all messages of a pair, as many at a time as were heard; no broker has to keep or drop what it cannot send. */
async function transfer({ publisher, subscriber, topic }: Transfer, underWay: number): Promise<void> {
  let [sent, heard] = [0, 0];
  await new Promise<void>((resolve) => {
    const send = (times: number) => {
      const now = Math.min(times, EACH - sent);
      sent += now;
      if (now > 0) publisher.publish(topic, PAYLOAD, now);
    };
    subscriber.onMessages = (count) => {
      heard += count;
      if (heard === EACH) resolve();
      else send(count);
    };
    send(underWay);
  });
}

async function timed(pid: number, pairs: number, work: () => Promise<unknown>): Promise<Figure> {
  const messages = pairs * EACH;
  const [began, cpu] = [performance.now(), processorSeconds(pid)];
  await work();
  const seconds = (performance.now() - began) / 1000;
  return { rate: messages / seconds, cpu: ((processorSeconds(pid) - cpu) * 100_000) / messages };
}

function medianOf(rounds: readonly Figures[]): Figures {
  const median = (of: (figures: Figures) => number) =>
    rounds.map(of).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? NaN;
  return {
    alone: { rate: median(({ alone }) => alone.rate), cpu: median(({ alone }) => alone.cpu) },
    together: { rate: median(({ together }) => together.rate), cpu: median(({ together }) => together.cpu) },
  };
}

function describe({ rate, cpu }: Figure): string {
  return `${Math.round(rate)} messages/s, ${cpu.toFixed(2)} s of CPU per 100,000`;
}

function ratio(a: Figure, b: Figure): string {
  return `${((100 * a.rate) / b.rate).toFixed(0)} % of the rate, ${(a.cpu / b.cpu).toFixed(1)} times the CPU`;
}
