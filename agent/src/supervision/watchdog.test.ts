import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Stages } from './stages.js';
import { watchdogOf } from './systemd.js';
import { Watchdog } from './watchdog.js';

const STAGES = ['camera door', 'detector', 'journal', 'uplink'];

function setUp() {
  let now = 0;
  const sent: string[] = [];
  const stages = new Stages(() => now);
  const beats = new Map(STAGES.map((name) => [name, stages.watch(name, 30_000)]));
  const systemd = {
    watchdogMs: 60_000,
    notify: (...lines: readonly string[]) => {
      sent.push(...lines);
      return Promise.resolve();
    },
  };
  const watchdog = new Watchdog({ stages, systemd, logger: pino({ level: 'silent' }) });
  const run = async (seconds: number, alive: readonly string[]) => {
    for (let second = 0; second < seconds; second++) {
      now += 1000;
      for (const name of alive) beats.get(name)?.();
      await watchdog.check(now);
    }
    return sent.splice(0);
  };
  return { run };
}

describe('the watchdog', () => {
  it('is fed three times a period while every stage moves', async () => {
    const { run } = setUp();
    expect(await run(60, STAGES)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
  });

  it.each(STAGES)('is no longer fed when "%s" is dead, and says so', async (dead) => {
    const { run } = setUp();
    const alive = STAGES.filter((name) => name !== dead);
    await run(31, alive);
    expect(await run(120, alive)).not.toContain('WATCHDOG=1');
    const { run: again } = setUp();
    expect(await again(40, alive)).toContain(`STATUS=stuck: ${dead}`);
  });

  it('is fed again when the stage has come back', async () => {
    const { run } = setUp();
    await run(60, ['detector']);
    expect(await run(2, STAGES)).toEqual(['STATUS=counting', 'WATCHDOG=1']);
  });

  it('is meant for this process only', () => {
    expect(watchdogOf({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 7)).toBe(60_000);
    expect(watchdogOf({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, 7)).toBeUndefined();
    expect(watchdogOf({ WATCHDOG_USEC: '60000000' }, 7)).toBe(60_000);
    expect(watchdogOf({}, 7)).toBeUndefined();
  });
});
