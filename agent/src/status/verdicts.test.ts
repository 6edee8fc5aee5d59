import { describe, expect, it } from 'vitest';
import type { AgentStatus, CameraStatus } from './agent-status.js';
import { verdictsOf } from './verdicts.js';

const CAMERA: CameraStatus = {
  id: 'door',
  name: 'Door',
  state: 'streaming',
  cause: 'first-frame',
  detail: '',
  since: 0,
  address: '192.0.2.10',
  retryAt: null,
  fps: { configured: 10, measured: 9 },
  frames: { processed: 1, skipped: 0 },
  lastFrameAt: 0,
  inferenceMs: 10,
  inView: 2,
  scene: { active: [], profile: 'day', learning: false },
  connection: {
    quality: null,
    stream: null,
    advice: [],
    decoding: { wanted: 'software', used: 'software', fellBack: false },
    decoderStarts: 1,
  },
  lines: [],
  zones: [],
};
const STATUS: AgentStatus = {
  gateway: 'lobby',
  version: '1',
  now: 1e6,
  startedAt: 0,
  modelHash: '',
  config: { version: 'abc', problem: null },
  uplink: { state: 'online', since: 0, lastReceiptAt: null, problem: null, cause: null },
  outbox: {
    ...{ waiting: 0, oldestAt: null, fileBytes: 0, healthy: true },
    ...{ held: 0, provisional: 0, merged: 0, thinned: 0, dropped: 0, quarantined: 0 },
  },
  clock: { synchronised: true, offsetMs: 2 },
  host: null,
  cameras: [CAMERA],
};
const codes = (change: Partial<AgentStatus>) => verdictsOf({ ...STATUS, ...change }).map(({ code }) => code);

describe('the five verdicts', () => {
  it('are all good when all is well, in the order in which a technician asks', () => {
    expect(verdictsOf(STATUS).map(({ subject, grade }) => `${subject} ${grade}`)).toEqual([
      'camera good',
      'counting good',
      'clock good',
      'storage good',
      'uplink good',
    ]);
  });

  it('name a dead camera, and do not mind one that is switched off', () => {
    const dead: CameraStatus = { ...CAMERA, id: 'gate', name: 'Gate', state: 'backoff', cause: 'refused' };
    const [camera, counting] = verdictsOf({ ...STATUS, cameras: [CAMERA, dead] });
    expect([camera?.grade, camera?.values['names'], counting?.code]).toEqual([
      'bad',
      'Gate',
      'counting-fine',
    ]);
    expect(codes({ cameras: [{ ...dead, state: 'disabled' }, CAMERA] })[0]).toBe('camera-fine');
    expect(codes({ cameras: [dead] }).slice(0, 2)).toEqual(['camera-bad', 'counting-waits']);
  });

  it('name the cause, so that the page can say what to do, also when the camera still counts', () => {
    const dead: CameraStatus = { ...CAMERA, state: 'backoff', cause: 'no-rtsp' };
    const damaged: CameraStatus = { ...CAMERA, name: 'Yard', cause: 'decode-errors' };
    const [impaired] = verdictsOf({ ...STATUS, cameras: [{ ...CAMERA, cause: 'recovered' }, damaged] });
    expect([impaired?.code, impaired?.values]).toEqual([
      'camera-impaired',
      { n: 2, names: 'Yard', cause: 'decode-errors' },
    ]);
    const [bad] = verdictsOf({ ...STATUS, cameras: [damaged, dead] });
    expect([bad?.code, bad?.values['cause']]).toEqual(['camera-bad', 'no-rtsp']);
  });

  it('mind a slow camera after its first minute only', () => {
    const slow = { ...CAMERA, fps: { configured: 10, measured: 5 } };
    expect(codes({ cameras: [slow] })[1]).toBe('counting-slow');
    expect(codes({ cameras: [{ ...slow, since: STATUS.now - 5000 }] })[1]).toBe('counting-fine');
  });

  it('mind a picture that cannot be trusted', () => {
    const moved = { ...CAMERA, scene: { ...CAMERA.scene, active: ['moved' as const] } };
    expect(verdictsOf({ ...STATUS, cameras: [moved] })[1]).toMatchObject({
      code: 'counting-suspect',
      values: { names: CAMERA.name },
    });
  });

  it.each([
    [{ synchronised: false, offsetMs: null }, 'clock-unset'],
    [{ synchronised: false, offsetMs: 9000 }, 'clock-wrong'],
    [{ synchronised: true, offsetMs: -2500 }, 'clock-wrong'],
    [{ synchronised: null, offsetMs: null }, 'clock-unknown'],
  ])('judge the clock %o', (clock, code) => {
    expect(codes({ clock })[2]).toBe(code);
  });

  it('tell a refusing disk from records that only wait', () => {
    const offline = {
      state: 'offline',
      since: 0,
      lastReceiptAt: null,
      problem: 'no route',
      cause: 'network',
    } as const;
    const outbox = { ...STATUS.outbox, waiting: 5, oldestAt: 0, fileBytes: 1 };
    expect(codes({ outbox, uplink: offline }).slice(3)).toEqual(['storage-waiting', 'uplink-network']);
    expect(codes({ outbox: { ...outbox, healthy: false } })[3]).toBe('storage-refused');
    expect(codes({ outbox: { ...outbox, merged: 9 }, uplink: offline })[3]).toBe('storage-merged');
    expect(codes({ outbox: { ...outbox, merged: 9, dropped: 2 }, uplink: offline })[3]).toBe(
      'storage-dropped',
    );
    expect(codes({ outbox: { ...outbox, merged: 9, dropped: 2 } })[3]).toBe('storage-fine');
    expect(codes({ outbox: { ...outbox, quarantined: 1 } })[3]).toBe('storage-damaged');
  });

  it('tell counts that wait for the clock from a clock that nobody has set', () => {
    const clock = { synchronised: false, offsetMs: null };
    expect(codes({ clock })[2]).toBe('clock-unset');
    expect(codes({ clock, outbox: { ...STATUS.outbox, provisional: 4 } })[2]).toBe('clock-waits');
  });

  it.each(['password', 'refused', 'name', 'certificate', 'network', 'lost'] as const)(
    'say what to do about the uplink: %s',
    (cause) => {
      const uplink = { state: 'offline', since: 0, lastReceiptAt: null, problem: '', cause } as const;
      expect(codes({ uplink })[4]).toBe(`uplink-${cause}`);
    },
  );
});
