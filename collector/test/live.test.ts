import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { liveEventSchema, type LiveEvent } from '../src/schema/api.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const START = Date.UTC(2026, 2, 2, 10);

/** A page that listens to the live events; closed by `leave`. */
async function listen(collector: TestCollector, cookie: string) {
  const leaving = new AbortController();
  const response = await fetch(`${collector.httpUrl}/api/v1/live`, {
    headers: { cookie },
    signal: leaving.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: LiveEvent[] = [];
  let ended = false;
  const reading = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const [, type, data] = /^event: (.+)\ndata: (.+)$/.exec(message) ?? [];
        if (type === undefined || data === undefined) continue;
        events.push(liveEventSchema.parse({ type, ...(JSON.parse(data) as object) }));
      }
    }
  })();
  reading
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return { events, ended: () => ended, leave: () => leaving.abort() };
}

async function withGateway() {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby');
  const connect = () => TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const cookie = await collector.logIn();
  return { collector, connect, cookie };
}

test('an open page hears of presence, cameras and counts as they happen', async () => {
  const { collector, connect, cookie } = await withGateway();
  const page = await listen(collector, cookie);
  const gateway = await connect();
  await gateway.sayHello();
  await gateway.deliver(1, [
    { kind: 'camera', camera: 'door', state: 'streaming', cause: 'first-frame', at: START },
    countRecord(START, { in: 1 }),
    countRecord(START + 60_000, { in: 1 }),
  ]);
  gateway.breakConnection();
  const last = await until(
    () => page.events.find((event) => event.type === 'gateway' && event.status === 'offline'),
    'offline',
  );
  expect(page.events).toEqual([
    { type: 'gateway', gateway: 'lobby', status: 'online', at: expect.any(Number) as number },
    { type: 'camera', gateway: 'lobby', camera: 'door', state: 'streaming', cause: 'first-frame', at: START },
    // One event for both minutes: the page reads the counts anew.
    { type: 'counts', gateway: 'lobby', camera: 'door', line: 'entrance', start: START + 60_000 },
    last,
  ]);
  page.leave();
});

test('a gateway is asked for live messages while a page is open, and the page gets them', async () => {
  const { collector, connect, cookie } = await withGateway();
  const gateway = await connect();
  await gateway.sayHello();
  await gateway.deliver(1, [countRecord(START)]);
  await sleep(200);
  expect(gateway.commands).toEqual([]);

  const page = await listen(collector, cookie);
  const command = await until(() => gateway.commands[0], 'the watch command');
  expect(command.kind).toBe('watch');
  expect(command.deadline - Date.now()).toBeGreaterThan(55_000);
  expect(command.deadline - Date.now()).toBeLessThanOrEqual(60_000);
  await gateway.publish('live', {
    v: 1,
    at: START,
    cameras: [
      {
        id: 'door',
        state: 'streaming',
        fps: 9.5,
        inView: 2,
        lines: [{ id: 'entrance', totals: { in: 7, out: 3 }, pending: { in: 1, out: 0 } }],
        crossings: [{ at: START, line: 'entrance', direction: 'in' }],
      },
    ],
  });
  const live = await until(() => page.events.find(({ type }) => type === 'live'), 'the live event');
  expect(live).toEqual({
    type: 'live',
    gateway: 'lobby',
    camera: 'door',
    at: START,
    fps: 9.5,
    inView: 2,
    lines: [{ id: 'entrance', pending: { in: 1, out: 0 } }],
    zones: [],
    crossings: [{ at: START, line: 'entrance', direction: 'in' }],
  });
  page.leave();
});

test('a gateway that comes online while a page is open is asked too', async () => {
  const { collector, connect, cookie } = await withGateway();
  const page = await listen(collector, cookie);
  const gateway = await connect();
  await gateway.sayHello();
  expect((await until(() => gateway.commands[0], 'the watch command')).kind).toBe('watch');
  page.leave();
});

test('a page that reads nothing is cut off and counted, and the others go on', async () => {
  const { collector, connect, cookie } = await withGateway();
  const slow = await fetch(`${collector.httpUrl}/api/v1/live`, { headers: { cookie } });
  const page = await listen(collector, cookie);
  const gateway = await connect();
  const crossings = Array.from({ length: 20 }, () => ({ at: START, line: 'entrance', direction: 'in' }));
  const camera = { state: 'streaming', fps: 10, inView: 0, lines: [], crossings };
  const cameras = Array.from({ length: 64 }, (_, index) => ({ id: `camera-${index}`, ...camera }));
  await until(async () => {
    await gateway.publish('live', { v: 1, at: START, cameras });
    return collector.logs.matching(/too slow/)[0];
  }, 'the slow page to be cut off');
  const before = page.events.length;
  await gateway.publish('live', { v: 1, at: START, cameras });
  await until(() => page.events[before + 63], 'the events of the next message');
  expect(page.ended()).toBe(false);
  page.leave();
  await slow.body?.cancel();
});

test('stopping the collector ends open pages', async () => {
  const { collector, cookie } = await withGateway();
  const page = await listen(collector, cookie);
  await collector.stop();
  await until(() => page.ended() || undefined, 'the end of the page');
});

test('a page that stays open ends with its login', async () => {
  const { collector, cookie } = await withGateway();
  const page = await listen(collector, cookie);
  await fetch(`${collector.httpUrl}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
  await until(() => page.ended() || undefined, 'the end of the page', 20_000);
});
