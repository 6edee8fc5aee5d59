/** Faults staged on real RTSP servers, sockets, the clock and the machine: each gets its one cause, and loses it. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { CameraCause, CameraState } from '@headcount/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDeafPort } from '../../scripts/lib/deaf-port.js';
import { startRtspCamera, type RtspCamera, type RtspCameraOptions } from '../../scripts/lib/rtsp-camera.js';
import { TestGateway } from './_util/gateway.js';

const CLIP = new URL('../../.cache/vtest.avi', import.meta.url).pathname;
/** Within so long after it begins a fault must have its name, and within so long after its end none (ms). */
const DEADLINE_MS = 50_000;
const LOGIN = { user: 'viewer', password: 'right' };
const RIGHT = 'viewer:right';

/** The faults, by camera: what a technician must be told. */
const FAULTS = {
  closed: 'refused',
  nowhere: 'unreachable',
  nameless: 'unknown-host',
  mute: 'no-rtsp',
  website: 'no-rtsp',
  stranger: 'unauthorized',
  lost: 'not-found',
  foreign: 'unsupported-codec',
  radio: 'unsupported-stream',
  frozen: 'frozen',
  silent: 'silent',
  garbage: 'decode-errors',
  hung: 'silent',
  busy: 'cpu-pressure',
} as const satisfies Record<string, CameraCause>;
type Id = keyof typeof FAULTS;
const IDS = Object.keys(FAULTS) as Id[];
/** States of faults that leave a stream; all others leave none. */
const STATES: Partial<Record<Id, CameraState>> = {
  frozen: 'stalled',
  garbage: 'streaming',
  busy: 'streaming',
};

const cameras: Partial<Record<Id | 'spare', RtspCamera>> = {};
const sockets: Partial<Record<Id, Server>> = {};
let gateway: TestGateway;

async function start(id: Id | 'spare', options: Omit<RtspCameraOptions, 'clip'> = {}): Promise<RtspCamera> {
  return (cameras[id] = await startRtspCamera({ clip: CLIP, ...options }));
}

/** A TCP port that answers every byte with `answer`, or keeps silent. */
async function listen(id: Id, answer?: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => (answer === undefined ? undefined : socket.end(answer)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sockets[id] = server;
  return `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/door`;
}

async function close(id: Id): Promise<void> {
  await new Promise((resolve) => sockets[id]?.close(resolve));
}

const port = (url: string) => Number(new URL(url).port);
const signal = (id: Id, name: NodeJS.Signals) => process.kill(cameras[id]?.pid ?? 0, name);
/** What the collector has been told since the test began. */
const told: string[] = [];
/** Faults that nobody has been told of: a cause is not shown while the next attempt runs, but it was told. */
const untold = () => {
  told.push(...gateway.takeEdges());
  return IDS.filter((id) => !told.includes(`${id} ${STATES[id] ?? 'backoff'}: ${FAULTS[id]}`));
};
const cause = (id: Id) => gateway.camera(id).cause;
const counts = (id: Id) => {
  const { state, cause: now } = gateway.camera(id);
  return state === 'streaming' && (now === 'first-frame' || now === 'recovered');
};
const broken = () => IDS.filter((id) => !counts(id)).map((id) => `${id}: ${cause(id)}`);
const within = <T>(value: () => T) => expect.poll(value, { timeout: DEADLINE_MS, interval: 100 });

let deaf: Awaited<ReturnType<typeof startDeafPort>>;
let spare: string;
let urls: Record<'closed' | 'mute' | 'foreign' | 'radio', string>;

beforeAll(async () => {
  const [onSpare, foreign, radio, frozen, silent, garbage, hung, mute, website, closed] = await Promise.all([
    start('spare', LOGIN),
    start('foreign', { codec: 'j2k' }),
    start('radio', { codec: 'none' }),
    start('frozen', { fault: 'freeze' }),
    start('silent', { fault: 'silent' }),
    start('garbage', { fault: 'garbage' }),
    start('hung'),
    listen('mute'),
    listen('website', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    listen('closed'),
  ]);
  await close('closed');
  deaf = await startDeafPort();
  spare = onSpare.url;
  urls = { closed, mute, foreign: foreign.url, radio: radio.url };
  gateway = await TestGateway.create({
    frozen: { url: frozen.url },
    silent: { url: silent.url },
    garbage: { url: garbage.url },
    hung: { url: hung.url },
    busy: { url: spare, login: RIGHT, fps: 30 },
    closed: { url: closed },
    nowhere: { url: `rtsp://127.0.0.1:${deaf.port}/door` },
    nameless: { url: 'rtsp://camera.invalid/door' },
    mute: { url: mute },
    website: { url: website },
    stranger: { url: spare, login: 'viewer:wrong' },
    lost: { url: spare.replace('/door', '/cellar'), login: RIGHT },
    foreign: { url: foreign.url },
    radio: { url: radio.url },
  });
  // Frozen from its first picture on: that fault takes longest to be seen.
  signal('frozen', 'SIGUSR1');
  gateway.start();
});

afterAll(async () => {
  await gateway.stop();
  // A stopped process cannot obey.
  signal('hung', 'SIGCONT');
  await Promise.all(Object.values(cameras).map((camera) => camera.stop()));
  await deaf.stop();
  for (const server of Object.values(sockets)) server.close();
});

describe('fourteen faults at once', () => {
  it('get their causes', async () => {
    const healthy: Id[] = ['frozen', 'silent', 'garbage', 'hung', 'busy'];
    await within(() => healthy.filter((id) => !counts(id))).toEqual([]);
    gateway.cpuBusy = 0.97;
    for (const id of ['silent', 'garbage'] as const) signal(id, 'SIGUSR1');
    signal('hung', 'SIGSTOP');
    await within(untold).toEqual([]);
    expect(gateway.camera('frozen').state).toBe('stalled');
    expect(gateway.camera('garbage').state).toBe('streaming');
  });

  it('tell them on /status, in /metrics and to the collector', async () => {
    for (const id of ['website', 'frozen', 'garbage', 'busy'] as const) {
      await within(() => cause(id)).toBe(FAULTS[id]);
      const { status, metrics } = await gateway.ask();
      expect(status.cameras.find((camera) => camera.id === id)?.cause).toBe(FAULTS[id]);
      expect(metrics).toContain(`headcount_camera_cause{camera="${id}",cause="${FAULTS[id]}"} 1`);
    }
    expect(told.filter((edge) => /^(closed|nowhere|nameless) streaming/.test(edge))).toEqual([]);
    expect(gateway.stuck()).toEqual([]);
  });

  it('lose them after the repair', async () => {
    gateway.cpuBusy = 0.1;
    for (const id of ['frozen', 'silent', 'garbage'] as const) signal(id, 'SIGUSR2');
    signal('hung', 'SIGCONT');
    await Promise.all([close('mute'), close('website'), cameras.foreign?.stop(), cameras.radio?.stop()]);
    const returns = (['closed', 'mute', 'foreign', 'radio'] as const).map((id) =>
      start(id, { port: port(urls[id]) }),
    );
    const wrong = ['nowhere', 'nameless', 'website', 'stranger', 'lost'] as const;
    const corrections = wrong.map((id) => gateway.correct(id, { url: spare, login: RIGHT }));
    await Promise.all([...returns, ...corrections]);
    await within(broken).toEqual([]);
    const { metrics } = await gateway.ask();
    expect(metrics).toMatch(/headcount_camera_cause{camera="garbage",cause="(recovered|first-frame)"} 1/);
    expect(metrics).not.toContain('cause="decode-errors"');
  });
});

describe('a step of the wall clock', () => {
  it('is told by every camera that counts, restarts none, and is forgotten', async () => {
    const starts = () => IDS.map((id) => gateway.camera(id).connection.decoderStarts);
    const before = starts();
    gateway.wallOffset = 3_600_000;
    await within(() => IDS.filter((id) => cause(id) !== 'clock-step')).toEqual([]);
    await within(broken).toEqual([]);
    expect(starts()).toEqual(before);
  });
});
