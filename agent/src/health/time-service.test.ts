import { describe, expect, it } from 'vitest';
import { chronyState, kernelFlag, timesyncOffset } from './time-service.js';

/** As systemd 252 prints it. */
const TIMESYNC = (offset: string) =>
  `       Server: 192.0.2.1 (time.example)\nPoll interval: 34min 8s (min: 32s; max 34min 8s)\n         Leap: normal\n       Offset: ${offset}\n        Delay: 5.1ms\n`;

/** As chrony 4.3 prints it. */
const CHRONY = (system: string, leap: string) =>
  `C0000201,192.0.2.1,2,1795513902.123456789,${system},0.000001,0.000020,-12.1,0.001,0.02,0.005,0.0003,64.2,${leap}\n`;

describe('the answers of time services', () => {
  it.each([
    ['+123us', 0.123],
    ['-1.456ms', -1.456],
    ['+1min 2.5s', 62_500],
    ['n/a', null],
  ])('timesyncd: an offset of %s is %s ms', (text, ms) => expect(timesyncOffset(TIMESYNC(text))).toBe(ms));

  it('timesyncd: a server that has not answered yet has no offset', () =>
    expect(timesyncOffset('Server: 192.0.2.1\n')).toBeNull());

  it.each([
    [CHRONY('-0.002500000', 'Normal'), { synchronised: true, offsetMs: -2.5 }],
    [CHRONY('0.000000000', 'Not synchronised'), { synchronised: false, offsetMs: null }],
    ['506 Cannot talk to daemon\n', { synchronised: null, offsetMs: null }],
    ['', { synchronised: null, offsetMs: null }],
  ])('chrony: %j', (text, state) => expect(chronyState(text)).toEqual(state));

  it.each([
    ['NTPSynchronized=yes\n', true],
    ['NTPSynchronized=no\n', false],
    ['', null],
  ])('kernel: %j', (text, flag) => expect(kernelFlag(text)).toBe(flag));
});
