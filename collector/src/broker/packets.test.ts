import { expect, test } from 'vitest';
import { PacketScanner } from './packets.js';

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

const scannerOf = (maxBytes: () => number, maxPackets = 1000) => new PacketScanner({ maxBytes, maxPackets });

test.each([0, 1, 127, 128, 1000, 16_384])(
  'a packet of %i bytes within the limit passes, however it is cut',
  (length) => {
    for (const step of [1, 2, 3, 7, 1000]) {
      const scanner = scannerOf(() => 16_384);
      const bytes = new Uint8Array([...packet(length), ...packet(length)]);
      for (let at = 0; at < bytes.length; at += step) {
        expect(scanner.scan(bytes.subarray(at, at + step)).tooLarge).toBeUndefined();
      }
    }
  },
);

test('a packet over the limit is known by its header, before its payload comes', () => {
  const scanner = scannerOf(() => 1000);
  expect(scanner.scan(packet(1001).subarray(0, 3)).tooLarge).toBe(1001);
});

test('a large packet behind small ones in the same chunk is found', () => {
  const scanner = scannerOf(() => 1000);
  const chunk = new Uint8Array([
    ...packet(0),
    ...packet(1000),
    ...packet(5),
    ...packet(2000).subarray(0, 10),
  ]);
  expect(scanner.scan(chunk).tooLarge).toBe(2000);
});

test('the limit that counts is the one at the time of the header', () => {
  let limit = 10;
  const scanner = scannerOf(() => limit);
  expect(scanner.scan(packet(10)).tooLarge).toBeUndefined();
  limit = 100;
  expect(scanner.scan(packet(100)).tooLarge).toBeUndefined();
  expect(scanner.scan(packet(101)).tooLarge).toBe(101);
});

test('a length that never ends is too large', () => {
  const scanner = scannerOf(() => 268_435_455);
  expect(scanner.scan(new Uint8Array([0x30, 0xff, 0xff, 0xff, 0xff, 0xff])).tooLarge).toBeGreaterThan(
    268_435_455,
  );
});

test('no more packets than may be taken at once, and the rest is whole', () => {
  const scanner = scannerOf(() => 1000, 2);
  const chunk = new Uint8Array([...packet(3), ...packet(0), ...packet(200), ...packet(7)]);
  const first = scanner.scan(chunk);
  expect(first).toMatchObject({ packets: 2, messages: 2, bytes: 7 });
  const rest = chunk.subarray(first.bytes);
  expect(scanner.scan(rest)).toMatchObject({ packets: 2, bytes: rest.length });
});

test('packets count where they end, and only PUBLISH carries a message', () => {
  const scanner = scannerOf(() => 1000);
  const chunk = new Uint8Array([...packet(5), 0xc0, 0, ...packet(9).subarray(0, 4)]);
  expect(scanner.scan(chunk)).toMatchObject({ packets: 2, messages: 1, bytes: chunk.length });
  expect(scanner.scan(new Uint8Array(6))).toMatchObject({ packets: 0 });
  expect(scanner.scan(new Uint8Array(1))).toMatchObject({ packets: 1, messages: 1 });
});
