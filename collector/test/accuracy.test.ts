import { expect, test } from 'vitest';
import { accuracySchema } from '../src/schema/accuracy.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const HOUR = 3_600_000;
const MODEL = 'a'.repeat(64);

/** A clip in which the person counted so many, and the machine so many. */
function clip(at: number, person: number, machine: number, changes: object = {}) {
  return {
    kind: 'audit',
    result: {
      ...{
        gateway: 'lobby',
        camera: 'door',
        line: 'entrance',
        from: at,
        to: at + 6000,
        sha256: 'b'.repeat(64),
      },
      ...{
        stratum: 'crossing',
        kept: 1,
        of: 1,
        person: { in: person, out: 0 },
        machine: { in: machine, out: 0 },
      },
      ...{ answeredAt: at + 60_000, configVersion: 'test', modelHash: MODEL, ...changes },
    },
    signature: 's',
    publicKey: 'p',
  };
}

/** What the console shows of the only line. */
async function withLine() {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'UTC' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const cookie = await collector.logIn();
  const line = async () => {
    const response = await collector.get('/api/v1/accuracy', cookie);
    expect(response.status).toBe(200);
    return accuracySchema.parse(await response.json()).lines[0];
  };
  const day = Math.floor(Date.now() / (24 * HOUR)) * 24 * HOUR - 24 * HOUR;
  return { gateway, line, day };
}

test('a line passes when enough clips prove it, and is due again when its model changes', async () => {
  const { gateway, line, day } = await withLine();
  await gateway.deliver(1, [countRecord(day)]);
  expect(await line()).toMatchObject({
    verdict: 'inconclusive',
    accuracy: null,
    due: 'never-audited',
    eventsNeeded: 52,
  });
  await gateway.deliver(
    2,
    Array.from({ length: 10 }, () => clip(day + 8 * HOUR, 5, 5)),
  );
  expect(await line()).toMatchObject({ verdict: 'inconclusive', accuracy: 1, events: 50, due: 'too-few' });
  await gateway.deliver(12, [clip(day + 17 * HOUR, 50, 49)]);
  expect(await line()).toMatchObject({
    ...{
      verdict: 'pass',
      events: 100,
      misses: 1,
      accuracy: 0.99,
      due: null,
      lastAuditAt: day + 17 * HOUR + 60_000,
    },
    worst: { kind: 'hours', name: '16-20', events: 50, accuracy: 0.98 },
  });
  await gateway.deliver(13, [countRecord(day + 18 * HOUR, { modelHash: 'c'.repeat(64) })]);
  expect(await line()).toMatchObject({ verdict: 'inconclusive', clips: 0, due: 'model-changed' });
  const renewed = { modelHash: 'c'.repeat(64) };
  await gateway.deliver(
    14,
    Array.from({ length: 20 }, (_, index) => clip(day + 19 * HOUR, 5, index % 2 === 0 ? 4 : 5, renewed)),
  );
  expect(await line()).toMatchObject({ verdict: 'fail', events: 100, misses: 10, accuracy: 0.9, due: null });
});

test('a line is due again when its camera was moved and a person took the new picture, not when it only was dark', async () => {
  const { gateway, line, day } = await withLine();
  const scene = (at: number, active: string[], accepted = false) => ({
    ...{ kind: 'scene', camera: 'door', at, active, accepted },
  });
  const clips = Array.from({ length: 20 }, (_, index) => clip(day + 8 * HOUR + index * 60_000, 5, 5));
  await gateway.deliver(1, [countRecord(day), ...clips]);
  await gateway.deliver(22, [scene(day + 9 * HOUR, ['black']), scene(day + 10 * HOUR, [], true)]);
  expect(await line()).toMatchObject({ verdict: 'pass', due: null });
  await gateway.deliver(24, [scene(day + 11 * HOUR, ['moved']), scene(day + 12 * HOUR, ['black', 'moved'])]);
  expect(await line()).toMatchObject({ verdict: 'pass', due: null });
  await gateway.deliver(26, [scene(day + 13 * HOUR, [], true)]);
  expect(await line()).toMatchObject({ verdict: 'inconclusive', clips: 0, due: 'pose-changed' });
  await gateway.deliver(
    27,
    Array.from({ length: 20 }, () => clip(day + 14 * HOUR, 5, 5)),
  );
  expect(await line()).toMatchObject({ verdict: 'pass', clips: 20, due: null });
});
