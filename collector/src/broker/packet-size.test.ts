import { expect, test } from 'vitest';
import { PacketSizeGuard } from './packet-size.js';

/** A packet whose header announces `length` bytes, followed by that many. */
function packet(length: number): Uint8Array {
  const header = [0x30];
  let rest = length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return new Uint8Array([...header, ...new Uint8Array(length)]);
}

test.each([0, 1, 127, 128, 1000, 16_384])(
  'a packet of %i bytes within the limit passes, however it is cut',
  (length) => {
    for (const step of [1, 2, 3, 7, 1000]) {
      const guard = new PacketSizeGuard(() => 16_384);
      const bytes = new Uint8Array([...packet(length), ...packet(length)]);
      for (let at = 0; at < bytes.length; at += step) {
        expect(guard.inspect(bytes.subarray(at, at + step))).toBeUndefined();
      }
    }
  },
);

test('a packet over the limit is known by its header, before its payload comes', () => {
  const guard = new PacketSizeGuard(() => 1000);
  expect(guard.inspect(packet(1001).subarray(0, 3))).toBe(1001);
});

test('a large packet behind small ones in the same chunk is found', () => {
  const guard = new PacketSizeGuard(() => 1000);
  const chunk = new Uint8Array([
    ...packet(0),
    ...packet(1000),
    ...packet(5),
    ...packet(2000).subarray(0, 10),
  ]);
  expect(guard.inspect(chunk)).toBe(2000);
});

test('the limit that counts is the one at the time of the header', () => {
  let limit = 10;
  const guard = new PacketSizeGuard(() => limit);
  expect(guard.inspect(packet(10))).toBeUndefined();
  limit = 100;
  expect(guard.inspect(packet(100))).toBeUndefined();
  expect(guard.inspect(packet(101))).toBe(101);
});

test('a length that never ends is too large', () => {
  const guard = new PacketSizeGuard(() => 268_435_455);
  expect(guard.inspect(new Uint8Array([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))).toBeGreaterThan(268_435_455);
});
