import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  AGENT_CHANNELS,
  auditRecordSchema,
  CHANNELS,
  commandEnvelopeSchema,
  commandMessageSchema,
  countRecordSchema,
  decode,
  desiredMessageSchema,
  enrolAnswerSchema,
  enrolRequestSchema,
  iou,
  packRows,
  parseTopic,
  positionAlong,
  receiptMessageSchema,
  recordSchema,
  recordsMessageSchema,
  redactUrls,
  reportedMessageSchema,
  resultMessageSchema,
  renewAnswerSchema,
  renewRequestSchema,
  rowsOf,
  signedDistance,
  stateMessageSchema,
  topicFor,
} from './index.js';

function golden(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../fixtures/${name}.json`, import.meta.url)));
}

function json(name: string): unknown {
  return JSON.parse(golden(name).toString());
}

describe('golden messages of version 1', () => {
  it('are parsed without loss', () => {
    const records = decode(recordsMessageSchema, golden('records.v1'));
    // Written before stitched crossings were told of: it is read as if there were none.
    expect(records.records?.map((record) => recordSchema.parse(record))).toMatchObject(records.records ?? []);
    const zones = decode(recordsMessageSchema, golden('records-zones.v1'));
    // Written before suspect intervals were told of: they are read as if nothing was wrong.
    expect(zones.records?.map((record) => recordSchema.parse(record))).toMatchObject(zones.records ?? []);
    for (const name of ['records-host.v1', 'records-scene.v1', 'records-causes.v1']) {
      const { records: all = [] } = decode(recordsMessageSchema, golden(name));
      expect(all.length, name).toBeGreaterThan(0);
      expect(all.map((record) => recordSchema.parse(record))).toEqual(all);
    }
    expect(decode(receiptMessageSchema, golden('receipt.v1')).storedUpTo).toBe(44);
    expect(decode(stateMessageSchema, golden('state.v1'))).toMatchObject({ status: 'online' });
    expect(decode(commandMessageSchema, golden('command.v1'))).toEqual(json('command.v1'));
    expect(decode(resultMessageSchema, golden('result.v1'))).toEqual(json('result.v1'));
    expect(decode(desiredMessageSchema, golden('desired.v1'))).toEqual(json('desired.v1'));
    expect(decode(reportedMessageSchema, golden('reported.v1'))).toEqual(json('reported.v1'));
  });

  it('of enrolment are parsed without loss', () => {
    for (const [name, schema] of [
      ['enrol-request', enrolRequestSchema],
      ['enrol-answer', enrolAnswerSchema],
      ['renew-request', renewRequestSchema],
      ['renew-answer', renewAnswerSchema],
    ] as const) {
      const message: unknown = JSON.parse(golden(`${name}.v1`).toString());
      expect(schema.parse(message), name).toEqual(message);
    }
  });

  it('are refused with every problem named', () => {
    const broken = { ...(JSON.parse(golden('receipt.v1').toString()) as object), v: 2, credit: 0 };
    expect(() => decode(receiptMessageSchema, Buffer.from(JSON.stringify(broken)))).toThrow(
      /^v: .*; credit: /,
    );
    expect(() => decode(receiptMessageSchema, Buffer.from('{'))).toThrow(/^not valid JSON in UTF-8/);
    expect(() => decode(receiptMessageSchema, Buffer.from([0xff]))).toThrow(/^not valid JSON in UTF-8/);
  });

  it('let an agent answer a command that it does not know', () => {
    const newer = Buffer.from(JSON.stringify({ ...(json('command.v1') as object), kind: 'dance' }));
    expect(() => decode(commandMessageSchema, newer)).toThrow(/^kind: /);
    expect(decode(commandEnvelopeSchema, newer)).toMatchObject({ kind: 'dance', camera: 'door' });
  });

  it('carry audits whose signature holds after they were parsed', () => {
    const { records = [] } = decode(recordsMessageSchema, golden('records-scene.v1'));
    const { result, signature, publicKey } = auditRecordSchema.parse(records.at(-1));
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    const holds = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
    expect(holds(JSON.stringify(result))).toBe(true);
    expect(holds(JSON.stringify({ ...result, person: { in: 9, out: 9 } }))).toBe(false);
  });

  it('must account for every millisecond of a count', () => {
    const [count] = decode(recordsMessageSchema, golden('records.v1')).records ?? [];
    const short = { ...(count as object), observedMs: 1000 };
    expect(countRecordSchema.safeParse(short).error?.issues[0]?.message).toContain('must add up to lengthMs');
  });
});

describe('a batch of a backlog that was coarsened', () => {
  const message = () => JSON.parse(golden('records-coarsened.v1').toString()) as Record<string, unknown>;
  const parse = (changes: Record<string, unknown>) =>
    recordsMessageSchema.safeParse({ ...message(), ...changes });

  it('lists the number of every record, and answers for those between them', () => {
    const batch = decode(recordsMessageSchema, golden('records-coarsened.v1'));
    expect([batch.firstSeq, ...rowsOf(batch).map(({ seq }) => seq)]).toEqual([245, 259, 274, 291]);
    expect(rowsOf(batch).map(({ record }) => recordSchema.parse(record))).toMatchObject(
      rowsOf(batch).map(({ record }) => record),
    );
    const { rows, records, firstSeq } = { records: undefined, rows: undefined, ...batch };
    expect(packRows(batch.firstSeq, rowsOf(batch))).toEqual({ firstSeq, rows, ...(records && { records }) });
  });

  it('has a form that an older collector refuses whole, instead of storing records under wrong numbers', () => {
    const older = recordsMessageSchema.shape.records.unwrap();
    expect(older.safeParse(message()['records']).success).toBe(false);
  });

  it.each([
    ['numbers that do not grow', { rows: [3, 2].map((seq) => ({ seq, record: {} })), firstSeq: 1 }],
    ['a number before the first', { rows: [{ seq: 3, record: {} }], firstSeq: 4 }],
    ['both forms', { records: [{}] }],
    ['neither form', { rows: undefined }],
  ])('is refused with %s', (_, changes) => expect(parse(changes).success).toBe(false));

  it('is a plain list where no number is missing', () => {
    const rows = [7, 8].map((seq) => ({ seq, record: { n: seq } }));
    expect(packRows(7, rows)).toEqual({ firstSeq: 7, records: [{ n: 7 }, { n: 8 }] });
    expect(packRows(6, rows)).toEqual({ firstSeq: 6, rows });
  });
});

describe('topics', () => {
  it('are built and parsed the same way', () => {
    for (const channel of CHANNELS)
      expect(parseTopic(topicFor('lobby', channel))).toEqual({ gateway: 'lobby', channel });
  });

  it.each([
    'headcount/v1/lobby',
    'headcount/v2/lobby/state',
    'headcount/v1/Lobby/state',
    'headcount/v1/+/state',
    'headcount/v1/lobby/state/x',
    '$SYS/uptime',
    'headcount/v1/lobby/dance',
  ])('ignore %s', (topic) => expect(parseTopic(topic)).toBeUndefined());

  it('divide the channels between agent and collector', () => {
    expect([...AGENT_CHANNELS].sort()).toEqual(['live', 'records', 'reported', 'result', 'state']);
  });
});

describe('geometry', () => {
  const down = { from: { x: 10, y: 0 }, to: { x: 10, y: 100 } };

  it('is positive on the right-hand side of somebody who walks along the segment', () => {
    expect(signedDistance(down, { x: 4, y: 50 })).toBe(6);
    expect(signedDistance(down, { x: 13, y: 50 })).toBe(-3);
  });

  it('says where along the segment a point lies', () => {
    expect(positionAlong(down, { x: 0, y: 25 })).toBe(0.25);
    expect(positionAlong(down, { x: 0, y: 150 })).toBe(1.5);
  });

  it('measures overlap', () => {
    const box = { x: 0, y: 0, w: 10, h: 10 };
    expect(iou(box, box)).toBe(1);
    expect(iou(box, { x: 5, y: 0, w: 10, h: 10 })).toBeCloseTo(1 / 3);
    expect(iou(box, { x: 10, y: 0, w: 10, h: 10 })).toBe(0);
  });
});

it('logs show no password of an address', () => {
  expect(redactUrls('opening rtsp://user:p%40ss@192.0.2.1/x failed')).toBe(
    'opening rtsp://***@192.0.2.1/x failed',
  );
});
