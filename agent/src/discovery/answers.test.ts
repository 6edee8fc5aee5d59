import { describe, expect, it } from 'vitest';
import { deviceOf, streamsOf } from './answers.js';

const match = (change: object) => ({
  probeMatches: {
    probeMatch: {
      endpointReference: { address: 'urn:uuid:1' },
      scopes: 'onvif://www.onvif.org/name/Front%20door onvif://www.onvif.org/hardware/C-7',
      XAddrs: 'http://192.0.2.5/onvif/device_service',
      ...change,
    },
  },
});

describe('a camera that answers', () => {
  it('has a name, a model and a service', () => {
    expect(deviceOf(match({}), '192.0.2.5')).toEqual({
      id: 'urn:uuid:1',
      name: 'Front door',
      model: 'C-7',
      address: '192.0.2.5',
      service: 'http://192.0.2.5/onvif/device_service',
    });
  });

  it('is asked where its answer came from, whatever the answer says', () => {
    const lying = match({ XAddrs: 'http://admin@198.51.100.9:8080/x' });
    expect(deviceOf(lying, '192.0.2.5')?.service).toBe('http://192.0.2.5:8080/x');
    const several = match({ XAddrs: 'http://198.51.100.9/x https://192.0.2.5/y' });
    expect(deviceOf(several, '192.0.2.5')?.service).toBe('https://192.0.2.5/y');
  });

  it.each([
    ['nothing', undefined],
    ['no match', { probeMatches: '' }],
    ['no address', match({ XAddrs: { $: 1 } })],
    ['an address that is none', match({ XAddrs: 'javascript:alert(1) ///' })],
    ['far too much', match({ XAddrs: 'http://192.0.2.5/'.repeat(1000) })],
  ])('is left out when it says %s', (_, data) => expect(deviceOf(data, '192.0.2.5')).toBeUndefined());

  it('keeps a name that is not encoded as it should be', () => {
    const device = deviceOf(match({ scopes: 'onvif://www.onvif.org/name/100%' }), '192.0.2.5');
    expect(device).toMatchObject({ name: '100%', model: '' });
  });
});

describe('the streams of a camera', () => {
  const login = { user: 'admin', password: 'p@ss word' };

  it('come without the login that some cameras write into them', () => {
    const data = {
      device: { manufacturer: 'Acme', model: 7, firmwareVersion: '1.0' },
      streams: [
        { name: 'main', uri: 'rtsp://admin:p%40ss%20word@192.0.2.5/1', encoder: undefined },
        { name: 'sub', uri: 'rtsp://192.0.2.5/user=admin&password=p%40ss%20word&stream=1', encoder: {} },
        { name: 'web', uri: 'http://192.0.2.5/picture' },
      ],
    };
    const streams = streamsOf(data, login);
    expect(streams?.model).toBe('Acme 7');
    expect(streams?.streams.map(({ url }) => url)).toEqual([
      'rtsp://192.0.2.5/1',
      'rtsp://192.0.2.5/user=admin&password=***&stream=1',
    ]);
    expect(JSON.stringify(streams)).not.toMatch(/p@ss|p%40ss/);
  });

  it('have what the encoder says, and null where it says nonsense', () => {
    const encoder = { encoding: 'H264', resolution: { width: 640, height: -3 }, rateControl: 'none' };
    const answer = streamsOf({ device: {}, streams: [{ name: 'a', uri: 'rtsp://h/1', encoder }] }, undefined);
    expect(answer?.streams).toMatchObject([{ codec: 'H264', width: 640, height: null, fps: null }]);
    expect(streamsOf({ streams: 'no' }, undefined)).toBeUndefined();
  });
});
