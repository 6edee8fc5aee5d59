import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedFleet } from '../simulator/fleet.js';
import type { SimulatedGateway } from '../simulator/gateway.js';

/** A gateway that has been silent for so long is taken for offline; rules gateway-offline and site-uplink-down (s). */
const SILENT_S = 90;
/** How often scenes and hosts are looked at, and logins (s). */
const SCENE_PERIOD_S = 15;
const LOGIN_PERIOD_S = 60;
/** More than the rule gateway-flapping takes in an hour. */
const RECONNECTS = 6;
const COME_BACK_MS = 20_000;
const DISK_BYTES = 31e9;
const ALMOST_FULL_BYTES = 30.5e9;

/** What goes wrong in a drill, and which rule must notice it. */
export interface Scenario {
  readonly name: string;
  /** What it tests, in one sentence. */
  readonly tests: string;
  readonly gateways: number;
  /** Of each gateway. */
  readonly cameras: number;
  readonly rule: string;
  /** Name of the rule's condition; empty where it has one. */
  readonly condition: string;
  /** From the fault until the condition can be seen to be true (s); the rule's own time comes after it. */
  readonly seenAfterS: number;
  /** @param now UTC ms */
  readonly inject: (fleet: SimulatedFleet, now: number) => Promise<void> | void;
  readonly mend: (fleet: SimulatedFleet, now: number) => void;
}

/** In the order of the rules. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...{ name: 'site-cut', gateways: 4, cameras: 5, seenAfterS: SILENT_S },
    ...{ rule: 'site-uplink-down', condition: '' },
    tests: 'a site loses its line: one incident and one page for all of its gateways and cameras',
    inject: async ({ gateways }) => {
      await Promise.all(gateways.map((gateway) => gateway.cut()));
    },
    mend: ({ gateways }) => gateways.forEach((gateway) => gateway.start()),
  },
  {
    ...{ name: 'gateway-cut', gateways: 2, cameras: 2, seenAfterS: SILENT_S },
    ...{ rule: 'gateway-offline', condition: '' },
    tests: 'one of two gateways loses its power: its cameras are not told of one by one',
    inject: (fleet) => firstOf(fleet).cut(),
    mend: (fleet) => firstOf(fleet).start(),
  },
  {
    ...{ name: 'gateway-flapping', gateways: 1, cameras: 1, seenAfterS: LOGIN_PERIOD_S },
    ...{ rule: 'gateway-flapping', condition: '' },
    tests: 'a gateway loses its connection again and again',
    inject: async (fleet) => {
      const gateway = firstOf(fleet);
      for (let time = 0; time < RECONNECTS; time++) {
        await gateway.cut();
        await comeBack(gateway);
      }
    },
    mend: () => undefined,
  },
  ofHost({
    ...{ name: 'clock-skew', rule: 'gateway-clock-skew', condition: 'offset' },
    tests: "a gateway's clock is five seconds wrong",
    fault: { clockOffsetMs: 5000 },
  }),
  ofHost({
    ...{ name: 'backlog', rule: 'gateway-backlog', condition: '' },
    tests: 'a gateway counts faster than it can send',
    fault: { outboxRecords: 5000 },
  }),
  {
    ...{ name: 'camera-dead', gateways: 1, cameras: 2, seenAfterS: 0 },
    ...{ rule: 'camera-offline', condition: '' },
    tests: 'a camera is unplugged',
    inject: (fleet, now) => send(fleet, ({ recorder }, camera) => recorder.setDead(camera, true, now)),
    mend: (fleet, now) => send(fleet, ({ recorder }, camera) => recorder.setDead(camera, false, now)),
  },
  ofPicture({
    ...{ name: 'camera-frozen', rule: 'camera-frozen', active: 'frozen' },
    tests: 'a camera sends the same picture for ever',
  }),
  ofPicture({
    ...{ name: 'camera-covered', rule: 'camera-tamper', active: 'covered' },
    tests: 'somebody covers a camera, and later says that its picture is right again',
  }),
  ofHost({
    ...{ name: 'disk-full', rule: 'host-disk', condition: 'free-3' },
    tests: 'the disk of a gateway is almost full',
    fault: { diskUsedBytes: ALMOST_FULL_BYTES, diskTotalBytes: DISK_BYTES },
  }),
];

/** Health of a gateway's box. */
function ofHost({
  fault,
  ...named
}: Pick<Scenario, 'name' | 'tests' | 'rule' | 'condition'> & {
  fault: SimulatedGateway['recorder']['hostFault'];
}): Scenario {
  const say = (fleet: SimulatedFleet, hostFault: typeof fault, at: number) =>
    send(fleet, ({ recorder }) => {
      recorder.hostFault = hostFault;
      recorder.health(at);
    });
  return {
    ...{ ...named, gateways: 1, cameras: 1, seenAfterS: SCENE_PERIOD_S },
    inject: (fleet, now) => say(fleet, fault, now),
    mend: (fleet, now) => say(fleet, {}, now),
  };
}

/** A picture that is wrong, although frames arrive. */
function ofPicture({
  active,
  ...named
}: Pick<Scenario, 'name' | 'tests' | 'rule'> & { active: 'frozen' | 'covered' }): Scenario {
  return {
    ...{ ...named, condition: '', gateways: 1, cameras: 2, seenAfterS: SCENE_PERIOD_S },
    inject: (fleet, now) =>
      send(fleet, ({ recorder }, camera) =>
        recorder.setScene(camera, { active: [active], accepted: false }, now),
      ),
    mend: (fleet, now) =>
      send(fleet, ({ recorder }, camera) => recorder.setScene(camera, { active: [], accepted: true }, now)),
  };
}

function firstOf({ gateways }: SimulatedFleet): SimulatedGateway {
  const [first] = gateways;
  if (first === undefined) throw new Error('a drill has at least one gateway');
  return first;
}

/** Connect again. @throws Error when the collector does not take it */
async function comeBack(gateway: SimulatedGateway): Promise<void> {
  const before = gateway.bornAt;
  const end = performance.now() + COME_BACK_MS;
  gateway.start();
  while (gateway.bornAt === before) {
    if (performance.now() > end) throw new Error(`the gateway ${gateway.plan.name} could not connect again`);
    await sleep(50);
  }
}

/** Let the first gateway say something of its first camera, now. */
function send(fleet: SimulatedFleet, say: (gateway: SimulatedGateway, camera: string) => void): void {
  const gateway = firstOf(fleet);
  say(gateway, gateway.plan.cameras[0]?.id ?? '');
  gateway.drain();
}
