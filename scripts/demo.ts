/** The demo: collector, RTSP camera and agent as real processes, and what they count in the terminal. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LiveEvent } from '../collector/src/schema/api.js';
import { enlist } from '../collector/src/simulator/enlist.js';
import { SimulatedFleet } from '../collector/src/simulator/fleet.js';
import { planFleet } from '../collector/src/simulator/plan.js';
import { ConsoleClient } from './lib/console-client.js';
import { Postbox, type Post } from './lib/postbox.js';
import { lastWords, type Program } from './lib/program.js';
import { startRtspCamera, type RtspCamera } from './lib/rtsp-camera.js';
import { CLIP_LINES, CLIP_ZONES, PIN, Stack } from './lib/stack.js';
import { addEngineer, addNotifyConfig, postboxEnv, tellUnplugStory } from './lib/unplug-story.js';

const FOLDER = fileURLToPath(new URL('../.demo', import.meta.url));
const GATEWAY = 'lobby';
const CAMERA = 'door';
const TIME_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const TABLE_MS = 10_000;
const FIRST_FRAME_MS = 40_000;
/** The simulated fleet: cameras of a gateway, days that they have counted, and what is wrong with some of it. */
const CAMERAS = 2;
const HISTORY_DAYS = 7;
const DEAD_CAMERAS = 0.06;
const CUT_OFF = 0.04;
const BATCH = 100;
const SETTLE_MS = 120_000;

/** Local time with its zone, for a line in the terminal. */
function clock(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'long' }).format(at);
}

function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return Number.parseInt(text, 10) * (text.endsWith('m') ? 60_000 : 1000);
}

class Demo {
  private readonly stack: Stack;
  private readonly client: ConsoleClient;
  private camera: RtspCamera | undefined;
  private fleet: SimulatedFleet | undefined;

  private readonly clip: string;
  /** Where mails arrive; only where the camera is to be unplugged. */
  private readonly postbox: Postbox | undefined;

  private constructor({
    stack,
    clip,
    postbox,
  }: {
    stack: Stack;
    clip: string;
    postbox: Postbox | undefined;
  }) {
    this.stack = stack;
    this.clip = clip;
    this.postbox = postbox;
    this.client = new ConsoleClient(stack.consoleUrl);
  }

  static async create(clip: string, unplug: boolean): Promise<Demo> {
    rmSync(FOLDER, { recursive: true, force: true });
    const postbox = unplug ? await Postbox.open(printPost) : undefined;
    const env = postbox === undefined ? {} : postboxEnv(postbox);
    const stack = await Stack.create(FOLDER, { usualPorts: true, timeZone: TIME_ZONE, env });
    if (unplug) addNotifyConfig(stack);
    return new Demo({ stack, clip, postbox });
  }

  /** @param fleet simulated gateways beside the real one */
  async start(fleet: number, signal: AbortSignal): Promise<void> {
    const { stack, clip, postbox } = this;
    await this.step('collector with its MQTT broker', () => stack.startCollector());
    if (fleet > 0)
      await this.step(`${fleet} simulated gateways with a week of counts`, () => this.addFleet(fleet));
    await this.step('RTSP camera', async () => (this.camera = await startRtspCamera({ clip })));
    const url = this.camera?.url ?? '';
    await stack.addGateway(GATEWAY, [
      { id: CAMERA, name: 'Front door', url, lines: CLIP_LINES, zones: CLIP_ZONES },
    ]);
    await this.step('agent with the person detector', () => stack.startAgent());
    await this.client.logIn('admin', stack.adminPassword);
    await this.step('first counted frame', () => this.firstFrame(signal));
    console.log(`
  Console       ${stack.consoleUrl}   user admin, password ${stack.adminPassword}
  Status page   ${stack.statusUrl}   PIN ${PIN}
  Camera        ${url}
  Logs          ${FOLDER}/*.log
`);
    if (postbox !== undefined) {
      const password = await addEngineer(stack, postbox, TIME_ZONE);
      console.log(`  On call       user lan, password ${password}\n`);
    }
  }

  /** Tell the story of the unplugged camera where it was asked for. */
  async story(signal: AbortSignal): Promise<void> {
    const { stack, client, clip, camera } = this;
    if (this.postbox === undefined || camera === undefined) return;
    const plugIn = async () =>
      void (this.camera = await startRtspCamera({ clip, port: Number(new URL(camera.url).port) }));
    const say = (text: string) => console.log(`${clock(Date.now())}  ${text}`);
    await tellUnplugStory({
      ...{ stack, client, plugIn, say, signal },
      camera: `${GATEWAY}/${CAMERA}`,
      unplug: () => camera.stop(),
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Print what is counted until the signal says stop; a program that ends by itself is an error. */
  async watch(signal: AbortSignal): Promise<void> {
    const table = setInterval(() => {
      this.printTable('so far').catch((error: unknown) =>
        console.error(`cannot read the counts: ${String(error)}`),
      );
    }, TABLE_MS);
    const ended = (name: string, program: Program | undefined) =>
      (program?.exited ?? new Promise<never>(() => undefined)).then((code) => {
        if (!signal.aborted)
          throw new Error(`${name} ended (${code}):\n${lastWords(this.stack.file(`${name}.log`))}`);
      });
    try {
      await Promise.race([
        sleep(2 ** 31 - 1, undefined, { signal }).catch(() => undefined),
        this.client
          .watch((event) => printEvent(event), signal)
          .catch((error: unknown) => {
            if (!signal.aborted) throw error;
          }),
        ended('agent', this.stack.agent),
        ended('collector', this.stack.collector),
      ]);
    } finally {
      clearInterval(table);
    }
  }

  /** Stop the agent, see what arrived, stop the rest. Returns the crossings that the collector has stored. */
  async finish(): Promise<number> {
    await this.stack.agent?.stop();
    const stored = await this.printTable('stored at the collector').catch(() => 0);
    await this.stop();
    return stored;
  }

  async stop(): Promise<void> {
    await this.fleet?.stop();
    await this.stack.agent?.stop();
    await this.camera?.stop();
    await this.stack.collector?.stop();
    await this.postbox?.close();
  }

  private async addFleet(gateways: number): Promise<void> {
    const { stack } = this;
    const plan = planFleet(gateways, CAMERAS);
    const passwords = await enlist(stack.database, plan);
    const faults = { duplicates: 0, lostReceipts: 0 };
    const fleet = new SimulatedFleet({ url: stack.mqttUrl, plan, passwords, seed: 1, faults, batch: BATCH });
    this.fleet = fleet;
    fleet.addHistory(HISTORY_DAYS, Date.now());
    fleet.start();
    await fleet.settled(SETTLE_MS);
    fleet.killCameras(DEAD_CAMERAS, Date.now());
    await fleet.cut(CUT_OFF);
  }

  private async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    process.stdout.write(`  starting: ${what} … `);
    const started = performance.now();
    const result = await work();
    console.log(`ok (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  }

  private async firstFrame(signal: AbortSignal): Promise<void> {
    const { statusUrl } = this.stack;
    const authorization = `Basic ${Buffer.from(`technician:${PIN}`).toString('base64')}`;
    const deadline = performance.now() + FIRST_FRAME_MS;
    for (;;) {
      const response = await fetch(`${statusUrl}/status`, { headers: { authorization }, signal });
      const status = (await response.json()) as {
        cameras: { state: string; detail: string; frames: { processed: number } }[];
      };
      const [camera] = status.cameras;
      if ((camera?.frames.processed ?? 0) > 0) return;
      if (performance.now() > deadline)
        throw new Error(`no frame from the camera (${camera?.state}: ${camera?.detail})`);
      await sleep(200, undefined, { signal });
    }
  }

  private async printTable(title: string): Promise<number> {
    const camera = (await this.client.cameras()).find(({ gateway }) => gateway === GATEWAY);
    let crossings = 0;
    const cells = (camera?.today.lines ?? []).map(({ name, in: entered, out, completeness }) => {
      crossings += entered + out;
      const seen =
        completeness === null ? 'no full minute yet' : `${Math.round(completeness * 100)} % observed`;
      return `${name} in ${entered} out ${out} (${seen})`;
    });
    console.log(
      `${clock(Date.now())}  ${title}: ${cells.join(' | ') || 'nothing yet; counts are stored by the full minute'}`,
    );
    return crossings;
  }
}

function printPost({ by, to, text }: Post): void {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  console.log(`${clock(Date.now())}  ${by} to ${to}:\n    | ${lines.join('\n    | ')}`);
}

function printEvent(event: LiveEvent): void {
  if (event.type === 'camera') console.log(`${clock(event.at)}  camera ${event.camera} is ${event.state}`);
  if (event.type === 'gateway')
    console.log(`${clock(event.at)}  gateway ${event.gateway} is ${event.status}`);
  if (event.type !== 'live') return;
  for (const { at, line, direction } of event.crossings) {
    const name = CLIP_LINES.find(({ id }) => id === line)?.name ?? line;
    console.log(
      `${clock(at)}  ${name}: one person ${direction}   (in view ${event.inView}, ${event.fps.toFixed(1)} frames/s)`,
    );
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      clip: { type: 'string' },
      for: { type: 'string' },
      fleet: { type: 'string', default: '0' },
      unplug: { type: 'boolean', default: false },
    },
  });
  const runFor = milliseconds(values.for);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  const demo = await Demo.create(values.clip ?? '', values.unplug);
  try {
    await demo.start(Number(values.fleet), stop.signal);
    const end = new AbortController();
    stop.signal.addEventListener('abort', () => end.abort());
    if (runFor !== undefined) setTimeout(() => end.abort(), runFor).unref();
    await Promise.all([demo.watch(end.signal), demo.story(end.signal)]);
    console.log('stopping: the agent first, so that its last counts reach the collector');
    const stored = await demo.finish();
    if (runFor === undefined || stop.signal.aborted) return 0;
    if (stored === 0) console.error(`no counts arrived at the collector; look at ${FOLDER}/*.log`);
    return stored > 0 ? 0 : 1;
  } catch (error) {
    await demo.stop();
    if (stop.signal.aborted) return 0;
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exitCode = await main();
