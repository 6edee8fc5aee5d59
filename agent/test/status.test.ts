import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { hostRecordSchema, type EventRecord } from '@headcount/shared';
import { pino } from 'pino';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Audits } from '../src/audit/audits.js';
import { deviceKey } from '../src/commissioning/device-key.js';
import { WalkTests } from '../src/commissioning/walk-test.js';
import type { Geometry } from '../src/config/geometry.js';
import { fingerprintOf, makeCertificate } from '../src/install/certificate.js';
import { drawPicture } from '../src/picture/draw.js';
import type { AgentStatus, ZoneStatus } from '../src/status/agent-status.js';
import { auditRoutes } from '../src/status/audit-routes.js';
import { geometryRoutes, type GeometrySource } from '../src/status/geometry-routes.js';
import { sceneRoutes, type SceneSource } from '../src/status/scene-routes.js';
import { createStatusServer } from '../src/status/server.js';
import { walkTestRoutes } from '../src/status/walk-test-routes.js';

const PIN = '246813';
const ZONE = {
  name: 'Zone',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
  totals: { entries: 9, exits: 3 },
  advice: [],
} satisfies Partial<ZoneStatus>;
const HOST = hostRecordSchema.parse({
  kind: 'host',
  at: Date.UTC(2026, 10, 24),
  cpuPercent: 40,
  load1: 0.7,
  memoryUsedBytes: 1000,
  memoryTotalBytes: 4000,
  diskUsedBytes: null,
  diskTotalBytes: null,
  networkRxBytesPerSecond: null,
  networkTxBytesPerSecond: null,
  temperatureCelsius: 61.5,
  uptimeSeconds: 86_400,
  agentRssBytes: 2000,
  outboxRecords: 7,
  diskFullInHours: 2,
  throttled: true,
  clockSynchronised: true,
  clockOffsetMs: -3,
});
const STATUS: AgentStatus = {
  gateway: 'lobby',
  version: '0.1.0',
  now: Date.UTC(2026, 10, 24),
  startedAt: Date.UTC(2026, 10, 23),
  modelHash: 'f'.repeat(64),
  config: { version: 'abc', problem: null },
  uplink: { state: 'online', since: 0, lastReceiptAt: null, problem: null, cause: null },
  outbox: {
    ...{ waiting: 7, oldestAt: null, fileBytes: 4096, healthy: true },
    ...{ held: 0, provisional: 0, merged: 12, thinned: 3, dropped: 0, quarantined: 1 },
  },
  clock: { synchronised: true, offsetMs: 3 },
  host: HOST,
  cameras: [
    {
      id: 'door',
      name: 'Door',
      state: 'streaming',
      cause: 'first-frame',
      detail: '',
      since: 0,
      address: '192.0.2.10',
      retryAt: null,
      fps: { configured: 10, measured: 9.5 },
      frames: { processed: 100, skipped: 2 },
      lastFrameAt: null,
      inferenceMs: 20,
      inView: 3,
      scene: { active: ['moved'], profile: 'day', learning: false },
      connection: {
        quality: { grade: 'poor', frameShare: 0.55, reconnectsPerHour: 3, stallsPerHour: 4 },
        stream: { codec: 'h264', width: 2560, height: 1440, fps: 25 },
        advice: [],
        decoding: { wanted: 'vaapi', used: 'software', fellBack: true },
        decoderStarts: 4,
      },
      lines: [
        {
          id: 'a',
          name: 'A',
          from: [0, 0],
          via: [],
          to: [1, 1],
          directions: { in: 'north', out: 'south' },
          totals: { in: 4, out: 5 },
          neededFps: 5.9,
          advice: [],
        },
      ],
      zones: [
        { ...ZONE, id: 'till', capacity: 5, occupancy: 6, queue: 2, over: true },
        { ...ZONE, id: 'hall', capacity: null, occupancy: null, queue: null, over: false },
      ],
    },
  ],
};

let healthy = true;
let now = 0;
let geometry: Geometry = { lines: [], zones: [] };
const geometrySource: GeometrySource = {
  geometry: (camera) => (camera === 'door' ? geometry : undefined),
  setGeometry: (_, drawn) => {
    geometry = drawn;
    return Promise.resolve();
  },
};
const accepted: string[] = [];
const sceneSource: SceneSource = {
  acceptScene: (camera) => (camera === 'door' ? Promise.resolve(void accepted.push(camera)) : undefined),
};
const sent: EventRecord[] = [];
const dataDir = mkdtempSync(join(tmpdir(), 'headcount-status-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const walkTests = new WalkTests({
  gateway: 'lobby',
  key: deviceKey(dataDir),
  totals: (camera, line) => (camera === 'door' && line === 'a' ? { in: 4, out: 5 } : undefined),
  versions: () => ({ configVersion: 'c', modelHash: 'm' }),
  write: (records) => sent.push(...records),
  now: () => 0,
});
const audits = new Audits({
  gateway: 'lobby',
  dataDir,
  key: deviceKey(dataDir),
  versions: () => ({ configVersion: 'c', modelHash: 'm' }),
  write: () => undefined,
  now: () => 0,
  random: Math.random,
  logger: pino({ level: 'silent' }),
});
audits.start();

function server(tls?: { certificate: string; key: string }) {
  return createStatusServer({
    tls,
    host: '127.0.0.1',
    port: 0,
    pin: PIN,
    source: {
      status: () => STATUS,
      picture: () => Promise.resolve(undefined),
      healthy: () => healthy,
    },
    features: [
      (app) => geometryRoutes(app, geometrySource),
      (app) => walkTestRoutes(app, walkTests),
      (app) => sceneRoutes(app, sceneSource),
      (app) => auditRoutes(app, audits),
    ],
    webRoot: fileURLToPath(new URL('../dist/web', import.meta.url)),
    monotonic: () => now,
    logger: pino({ level: 'silent' }),
  });
}

const basic = (pin: string, user = 'technician') => ({
  authorization: `Basic ${Buffer.from(`${user}:${pin}`).toString('base64')}`,
});

beforeEach(() => {
  healthy = true;
  now = 0;
});

describe('the status server', () => {
  it('answers nothing without login except liveness and the login', async () => {
    const app = server();
    const routes: { method: string; url: string }[] = [];
    app.addHook('onRoute', ({ url, method }) => {
      for (const one of [method].flat()) routes.push({ method: one, url: url.replace(':id', 'door') });
    });
    await app.ready();
    const open: string[] = [];
    for (const { method, url } of [...routes, { method: 'GET', url: '/nowhere' }]) {
      const answer = await app.inject({ method: method as 'GET', url });
      if (answer.statusCode === 401 && method !== 'HEAD')
        expect(answer.headers['content-type']).toContain('application/problem+json');
      if (answer.statusCode !== 401) open.push(`${method} ${url}`);
    }
    expect(open.sort()).toEqual(['GET /healthz', 'HEAD /healthz', 'POST /api/session']);
    // The page's own files are among what was asked for.
    expect(routes.filter(({ url }) => /^\/(index\.html|assets\/.*\.js)?$/.test(url)).length).toBeGreaterThan(
      2,
    );
    expect((await app.inject({ url: '/healthz' })).json()).toEqual({ status: 'ok' });
    healthy = false;
    expect((await app.inject({ url: '/healthz' })).statusCode).toBe(503);
  });

  it('shows a browser the login page at every address, in its language, and lets it in by form', async () => {
    const app = server();
    const browser = { accept: 'text/html,*/*', 'accept-language': 'vi-VN,vi;q=0.9' };
    const asked = await app.inject({ url: '/status', headers: browser });
    expect([asked.statusCode, asked.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    expect(asked.body).toContain('<html lang="vi">');
    expect(asked.body).not.toMatch(/<script|src=/);
    const form = { ...browser, 'content-type': 'application/x-www-form-urlencoded' };
    const post = (pin: string) =>
      app.inject({ method: 'POST', url: '/api/session', headers: form, payload: `pin=${pin}` });
    const wrong = await post('000000');
    expect([wrong.statusCode, wrong.body.includes('Sai mã PIN; còn 4 lần thử.')]).toEqual([401, true]);
    const right = await post(PIN);
    expect([right.statusCode, right.headers.location]).toEqual([303, '/']);
    const cookie = String(right.headers['set-cookie']).split(';')[0] ?? '';
    expect((await app.inject({ url: '/', headers: { ...browser, cookie } })).body).toContain('id="root"');
  });

  it('changes nothing for a page of another site, whatever it knows', async () => {
    const app = server();
    const host = '192.0.2.7:8686';
    const send = (headers: Record<string, string>) =>
      app.inject({
        method: 'DELETE',
        url: '/api/walk-test',
        headers: { ...basic(PIN), host, ...headers },
      });
    expect((await send({ origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await send({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await send({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).statusCode).toBe(204);
    expect((await send({})).statusCode).toBe(204);
  });

  it('locks out HTTP Basic too, with the right PIN as well while it lasts, and only this address', async () => {
    const app = server();
    const ask = (pin: string, remoteAddress: string) =>
      app.inject({ url: '/status', headers: basic(pin), remoteAddress });
    for (let attempt = 0; attempt < 5; attempt++) await ask('000000', '192.0.2.1');
    const locked = await ask(PIN, '192.0.2.1');
    expect([locked.statusCode, locked.headers['retry-after']]).toEqual([429, '60']);
    expect((await ask(PIN, '192.0.2.2')).statusCode).toBe(200);
  });

  it('gives status, metrics and pictures after the PIN, by cookie or by HTTP Basic', async () => {
    const app = server();
    const login = await app.inject({ method: 'POST', url: '/api/session', payload: { pin: PIN } });
    expect(login.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Strict/);
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    expect((await app.inject({ url: '/status', headers: { cookie } })).json()).toMatchObject(STATUS);
    const metrics = (await app.inject({ url: '/metrics', headers: basic(PIN) })).body;
    expect(metrics).toContain('headcount_crossings_total{camera="door",line="a",direction="out"} 5');
    expect(metrics).toContain('headcount_outbox_coarsened_total{how="merged"} 12');
    expect(metrics).toContain('headcount_outbox_quarantined_files 1');
    expect(metrics).toContain('headcount_zone_occupancy{camera="door",zone="till"} 6');
    expect(metrics).toContain('headcount_zone_queue{camera="door",zone="till"} 2');
    expect(metrics).toContain('headcount_zone_over_capacity{camera="door",zone="till"} 1');
    expect(metrics).toContain('headcount_zone_entries_total{camera="door",zone="hall"} 9');
    expect(metrics).toContain('headcount_zone_exits_total{camera="door",zone="hall"} 3');
    expect(metrics).not.toMatch(/zone_(occupancy|queue|over_capacity)\{[^}]*hall/);
    expect(metrics).toContain('headcount_camera_cause{camera="door",cause="first-frame"} 1');
    expect(metrics).toContain('headcount_camera_quality{camera="door",grade="poor"} 1');
    expect(metrics).toContain('headcount_camera_frame_share{camera="door"} 0.55');
    expect(metrics).toContain('headcount_camera_reconnects_last_hour{camera="door"} 3');
    expect(metrics).toContain('headcount_camera_stalls_last_hour{camera="door"} 4');
    expect(metrics).toContain('headcount_camera_decoder_fell_back{camera="door"} 1');
    expect(metrics).toContain('headcount_decoder_starts_total{camera="door"} 4');
    expect(metrics).toContain('headcount_outbox_waiting_records 7');
    expect(metrics).toContain('headcount_uplink_online 1');
    expect(metrics).toContain('headcount_camera_scene{camera="door",condition="moved"} 1');
    expect(metrics).toContain('headcount_camera_scene{camera="door",condition="frozen"} 0');
    expect(metrics).toContain('headcount_host_cpu_ratio 0.4');
    expect(metrics).toContain('headcount_host_disk_full_in_seconds 7200');
    expect(metrics).toContain('headcount_host_throttled 1');
    expect(metrics).toContain('headcount_host_clock_offset_seconds -0.003');
    // What the host does not tell has no sample, rather than a zero.
    expect(metrics).not.toMatch(/^headcount_host_(disk_used_bytes|disk_wear_ratio) /m);
    const picture = await app.inject({ url: '/api/cameras/door/picture.jpg', headers: { cookie } });
    expect(picture.statusCode).toBe(404);
    await app.inject({ method: 'DELETE', url: '/api/session', headers: { cookie } });
    expect((await app.inject({ url: '/status', headers: { cookie } })).statusCode).toBe(401);
  });

  it('takes a drawing, and names every problem of a wrong one', async () => {
    const app = server();
    const url = '/api/cameras/door/geometry';
    const put = (payload: object) => app.inject({ method: 'PUT', url, headers: basic(PIN), payload });
    const line = { id: 'gate', name: 'Gate', from: [0.1, 0.5], to: [0.9, 0.5] };
    expect((await put({ lines: [line], zones: [] })).statusCode).toBe(200);
    const kept = (await app.inject({ url, headers: basic(PIN) })).json<Geometry>();
    expect(kept.lines).toMatchObject([
      { ...line, anchor: 'bottom-centre', directions: { in: 'in', out: 'out' } },
    ]);
    const wrong = await put({
      lines: [
        { ...line, to: [0.1, 0.51] },
        { ...line, name: '' },
      ],
      zones: [],
    });
    expect(wrong.statusCode).toBe(422);
    const { detail } = wrong.json<{ detail: string }>();
    for (const part of ['lines.0.to', 'draw a longer line', 'lines.1.name', 'used twice'])
      expect(detail).toContain(part);
    expect((await put({ lines: [], zones: [] })).json<{ detail: string }>().detail).toContain('at least one');
    expect((await app.inject({ url, headers: basic(PIN) })).json()).toEqual(kept);
    const nowhere = { method: 'PUT', url: '/api/cameras/cellar/geometry', headers: basic(PIN) } as const;
    expect((await app.inject({ ...nowhere, payload: { lines: [line], zones: [] } })).statusCode).toBe(404);
  });

  it('runs a walk test from start to a signed result', async () => {
    const app = server();
    const post = (url: string, payload: object) =>
      app.inject({ method: 'POST', url, headers: basic(PIN), payload });
    expect((await post('/api/walk-test/finish', { in: 1, out: 1 })).statusCode).toBe(404);
    expect((await post('/api/walk-test', { camera: 'door', line: 'x' })).statusCode).toBe(404);
    const started = await post('/api/walk-test', { camera: 'door', line: 'a' });
    expect(started.json()).toMatchObject({ running: { counted: { in: 0, out: 0 } } });
    expect((await post('/api/walk-test/finish', { in: -1 })).statusCode).toBe(400);
    const finished = await post('/api/walk-test/finish', { in: 1, out: 0 });
    expect(finished.json()).toMatchObject({ result: { passed: false, walked: { in: 1, out: 0 } } });
    expect(sent.map(({ event }) => event)).toEqual(['walk-test']);
  });

  it('takes the word of a person that a picture is right', async () => {
    const app = server();
    const accept = (camera: string) =>
      app.inject({ method: 'POST', url: `/api/cameras/${camera}/reference`, headers: basic(PIN) });
    expect((await accept('door')).statusCode).toBe(204);
    expect((await accept('cellar')).statusCode).toBe(404);
    expect(accepted).toEqual(['door']);
  });

  it('lists no clip where there is none, and says what is wrong with an answer', async () => {
    const app = server();
    const get = async (url: string) => app.inject({ url, headers: basic(PIN) });
    expect((await get('/api/audit?camera=door')).json()).toEqual({ clips: [], summary: [] });
    expect((await get('/api/audit')).json()).toMatchObject({ status: 400 });
    expect((await get('/api/audit/..%2Fdevice-key.pem/clip.jpg')).statusCode).toBe(404);
    const post = (payload: object) =>
      app.inject({ method: 'POST', url: '/api/audit/x', headers: basic(PIN), payload });
    expect((await post({ in: 1 })).json<{ detail: string }>().detail).toContain('{"in": 1, "out": 0}');
    expect((await post({ in: 1, out: 0 })).json<{ detail: string }>().detail).toContain('take the next one');
  });

  it('locks an address out after five wrong PINs, and lets it try again later', async () => {
    const app = server();
    const attempt = (pin: string) => app.inject({ method: 'POST', url: '/api/session', payload: { pin } });
    const codes: number[] = [];
    for (let index = 0; index < 6; index++) codes.push((await attempt('000000')).statusCode);
    expect(codes).toEqual([401, 401, 401, 401, 429, 429]);
    const locked = await attempt(PIN);
    expect(locked.statusCode).toBe(429);
    expect(locked.headers['retry-after']).toBe('60');
    now += 61_000;
    expect((await attempt(PIN)).statusCode).toBe(204);
  });

  it('ends a session after twelve hours', async () => {
    const app = server();
    const login = await app.inject({ method: 'POST', url: '/api/session', payload: { pin: PIN } });
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    now += 12 * 3_600_000 + 1;
    expect((await app.inject({ url: '/status', headers: { cookie } })).statusCode).toBe(401);
  });

  it('refuses the right PIN with a wrong user, and a login that is no JSON', async () => {
    const app = server();
    expect((await app.inject({ url: '/status', headers: basic(PIN, 'root') })).statusCode).toBe(401);
    const answer = await app.inject({
      method: 'POST',
      url: '/api/session',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('at ');
  });
});

describe('a picture', () => {
  it('has the box where the person is and is untouched elsewhere, whatever the names are', async () => {
    const size = { width: 320, height: 240 };
    const colour = new Uint8Array((size.width * size.height) / 4).fill(128);
    // Luma 102 in limited range is grey level 100.
    const luma = new Uint8Array(size.width * size.height).fill(102);
    const grey = { y: luma, u: colour, v: colour, ...size, strideY: size.width, strideUv: size.width / 2 };
    const track = {
      id: 2,
      box: { x: 100, y: 80, w: 40, h: 100 },
      measured: { x: 100, y: 80, w: 40, h: 100 },
      score: 0.9,
      state: 'confirmed' as const,
      velocity: { x: 0, y: 0 },
      bornAt: 0,
      seenAt: 0,
    };
    const path = [
      { x: 250, y: 40 },
      { x: 250, y: 160 },
      { x: 290, y: 200 },
    ];
    const directions = { in: 'vào', out: '<ra>' };
    const lines = [{ name: 'Cửa <chính> & "phụ"', path, directions, totals: { in: 1, out: 2 } }];
    const polygon = [
      { x: 160, y: 190 },
      { x: 230, y: 190 },
      { x: 230, y: 235 },
      { x: 160, y: 235 },
    ];
    const zones = [{ name: 'Quầy', polygon, occupancy: 2, over: true }];
    const jpeg = await drawPicture(
      grey,
      { ...size, tracks: [track], lines, zones, caption: 'Cổng 1' },
      'clear',
    );
    const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ];
    const isGrey = ([r = 0, g = 0, b = 0]: number[]) =>
      Math.max(Math.abs(r - 100), Math.abs(g - 100), Math.abs(b - 100)) < 12;
    expect([info.width, info.height]).toEqual([320, 240]);
    expect(isGrey(pixel(100, 130))).toBe(false);
    expect(isGrey(pixel(250, 70))).toBe(false);
    expect(isGrey(pixel(270, 180))).toBe(false);
    expect(isGrey(pixel(230, 222))).toBe(false);
    expect(isGrey(pixel(120, 130))).toBe(true);
    expect(isGrey(pixel(20, 60))).toBe(true);
  });
});

describe('with a certificate', () => {
  it('speaks TLS 1.2 or newer with it, and its login cookie goes over nothing else', async () => {
    const files = await makeCertificate({ hostname: 'localhost', addresses: ['127.0.0.1'] }, Date.now());
    const app = server(files);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    expect(address).toMatch(/^https:/);
    const body = JSON.stringify({ pin: PIN });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const login = request(`${address}/api/session`, { method: 'POST', headers, ca: files.certificate });
    login.end(body);
    const [answer] = (await once(login, 'response')) as [IncomingMessage];
    const { socket } = answer;
    if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure/);
    expect(socket.getPeerCertificate().fingerprint256).toBe(fingerprintOf(files.certificate));
    const old = connect({
      port: Number(new URL(address).port),
      maxVersion: 'TLSv1.1',
      ca: files.certificate,
    });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
    await app.close();
  });

  it('without one the cookie says nothing of TLS', async () => {
    const app = server();
    const answer = await app.inject({ method: 'POST', url: '/api/session', payload: { pin: PIN } });
    expect(answer.headers['set-cookie']).not.toMatch(/Secure/);
  });
});
