import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnvifDevice } from '../../scripts/lib/onvif-device.js';
import { findDevices, readStreams } from '../src/discovery/onvif.js';

const LOGIN = { user: 'admin', password: 'swordfish-77' };
const STREAMS = [
  { name: 'main', url: 'rtsp://127.0.0.1:8554/main' },
  { name: 'sub', url: 'rtsp://127.0.0.1:8554/sub' },
];
const { signal } = new AbortController();
const started: { stop(): unknown }[] = [];
let camera: OnvifDevice;

async function device(change: Partial<Parameters<typeof OnvifDevice.start>[0]>): Promise<OnvifDevice> {
  const one = await OnvifDevice.start({
    name: 'Front door',
    model: 'C-7',
    ...LOGIN,
    streams: STREAMS,
    ...change,
  });
  started.push(one);
  return one;
}

beforeAll(async () => {
  camera = await device({});
});
afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()));
});

describe('looking for cameras', () => {
  it('finds every camera once, also beside devices that answer nonsense', async () => {
    await device({ name: 'Mad', garbage: '<Envelope><Body><ProbeMatches/></Body></Envelope>' });
    await device({ name: 'Madder', garbage: '<a><b></a>' });
    await device({ name: 'Yard' });
    const found = await findDevices(signal);
    expect(found.map(({ name }) => name).sort()).toEqual(['Front door', 'Yard']);
    expect(found.find(({ name }) => name === 'Front door')).toMatchObject({
      model: 'C-7',
      address: '127.0.0.1',
      service: camera.service,
    });
  });

  it('ends at once when nobody waits any more', async () => {
    const begun = performance.now();
    await expect(findDevices(AbortSignal.timeout(200))).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('asking a camera', () => {
  it('gives model and streams to who knows the password', async () => {
    expect(await readStreams(camera.service, LOGIN, signal)).toEqual({
      model: 'Headcount C-7',
      firmware: '1.2.3',
      streams: [
        { ...STREAMS[0], codec: 'H264', width: 768, height: 576, fps: 10 },
        { ...STREAMS[1], codec: 'H264', width: 384, height: 288, fps: 10 },
      ],
    });
  });

  it.each([
    ['a wrong password', { ...LOGIN, password: 'guess' }],
    ['no login', undefined],
  ])('says that the login is wrong: %s', async (_, login) => {
    const before = camera.refused;
    await expect(readStreams(camera.service, login, signal)).rejects.toMatchObject({
      problem: 'unauthorized',
    });
    expect(camera.refused).toBeGreaterThan(before);
  });

  it('says that nothing is there', async () => {
    const nowhere = readStreams('http://127.0.0.1:9/onvif/device_service', LOGIN, signal);
    await expect(nowhere).rejects.toMatchObject({ problem: 'unreachable' });
  });

  it.each([
    ['an answer that is no XML', 'hello'],
    ['XML of something else', '<html><body/></html>'],
    ['an empty envelope', '<Envelope><Body/></Envelope>'],
    ['tags that are never closed', '<a>'.repeat(50_000)],
  ])('survives %s', async (_, garbage) => {
    const mad = await device({ garbage });
    await expect(readStreams(mad.service, LOGIN, signal)).rejects.toMatchObject({
      problem: 'not-understood',
    });
  });

  it('cuts off a camera that never stops talking', async () => {
    const endless = createServer((_request, response) => {
      const talk = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', talk);
      talk();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    started.push({ stop: () => endless.close() });
    const { port } = endless.address() as AddressInfo;
    await expect(readStreams(`http://127.0.0.1:${port}/`, LOGIN, signal)).rejects.toMatchObject({
      name: 'DeviceError',
    });
  });
});
