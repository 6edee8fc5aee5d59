import type Database from 'better-sqlite3';

const QUARTER_MS = 900_000;
const DAY_MS = 24 * 3_600_000;
/** What the signs of a line and of a site are looked for in. */
const DAYS = 60;
const QUARTERS = 9 * 96;
/** Of five crossings each: enough for a verdict. */
const CLIPS = 12;
const ROLLUP = `INSERT INTO rollup (kind, size, gateway, start_at, camera, id, end_at, in_count, out_count, stitched, observed_ms, covered_ms,
  spread, occupancy_max, queue_max, dwell_ms, dwell_visits) VALUES ('line', ?, ?, ?, ?, 'door', ?, ?, ?, 0, ?, ?, 0, NULL, NULL, 0, 0)`;

/**
 * What the lines of a fleet have counted: days of all, quarters of those by which people enter and leave (each gateway's first), and
 * clips that people counted, of every other gateway.
 * @param start of the benchmark, UTC ms
 */
export function fillCounts(
  db: Database.Database,
  fleet: { readonly gateways: number; readonly camerasEach: number; readonly start: number },
): void {
  const { gateways, camerasEach, start } = fleet;
  const sum = db.prepare(ROLLUP);
  const clip = db.prepare(
    `INSERT INTO audit_clip (gateway, epoch, seq, camera, line, at, body) VALUES (?, 'a', ?, ?, 'door', ?, ?)`,
  );
  db.exec(`UPDATE site SET closing_time = '00:00'; UPDATE line SET first_at = 0;
    UPDATE line SET entrance = 1 WHERE camera = 'cam-0'`);
  db.transaction(() => {
    let seq = 0;
    const addSum = (size: string, length: number, place: { gateway: string; camera: string; at: number }) => {
      const { gateway, camera, at } = place;
      const people = Math.round((length / QUARTER_MS) * 10);
      sum.run(size, gateway, at, camera, at + length, people, people, length, length);
    };
    for (let index = 0; index < gateways; index++) {
      const gateway = `g-${index}`;
      for (let one = 0; one < camerasEach; one++) {
        const camera = `cam-${one}`;
        const place = { gateway, camera };
        for (let back = 1; back <= DAYS; back++)
          addSum('day', DAY_MS, { ...place, at: (Math.floor(start / DAY_MS) - back) * DAY_MS });
        for (let back = 1; one === 0 && back <= QUARTERS; back++)
          addSum('quarter', QUARTER_MS, {
            ...place,
            at: (Math.floor(start / QUARTER_MS) - back) * QUARTER_MS,
          });
        for (let number = 1; index % 2 === 0 && number <= CLIPS; number++) {
          const at = start - number * DAY_MS;
          clip.run(gateway, ++seq, camera, at, JSON.stringify(clipOf({ ...place, at })));
        }
      }
    }
  })();
}

function clipOf({ gateway, camera, at }: { gateway: string; camera: string; at: number }) {
  const result = {
    ...{ gateway, camera, line: 'door', from: at, to: at + 6000, sha256: 'b'.repeat(64) },
    ...{ stratum: 'crossing', kept: 1, of: 1, person: { in: 5, out: 0 }, machine: { in: 5, out: 0 } },
    ...{ answeredAt: at, configVersion: 'c', modelHash: 'a'.repeat(64) },
  };
  return { kind: 'audit', result, signature: 's'.repeat(88), publicKey: 'p'.repeat(60) };
}
