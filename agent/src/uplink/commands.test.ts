import { randomUUID } from 'node:crypto';
import { resultMessageSchema, type ResultMessage } from '@headcount/shared';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { Commands, type CommandHandlers } from './commands.js';

const NOW = Date.UTC(2026, 10, 25);

function setUp(handlers: CommandHandlers) {
  const sent: ResultMessage[] = [];
  const publish = (text: string) => sent.push(resultMessageSchema.parse(JSON.parse(text)));
  const commands = new Commands({ handlers, publish, now: () => NOW, logger: pino({ level: 'silent' }) });
  const take = (kind: string, fields: object = {}) => {
    const command = { v: 1, id: randomUUID(), kind, deadline: NOW + 1000, ...fields };
    commands.take(Buffer.from(JSON.stringify(command)));
    return command.id;
  };
  return { commands, sent, take };
}

it('obeys a command once, and answers one that comes again from memory', async () => {
  const handler = vi.fn(() => ({ outcome: 'done', detail: 'fine' }) as const);
  const { sent, take } = setUp({ diagnostics: handler });
  const id = take('diagnostics');
  take('diagnostics', { id });
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  take('diagnostics', { id });
  expect(sent.map((result) => [result.id, result.outcome])).toEqual([
    [id, 'done'],
    [id, 'done'],
  ]);
  expect(handler).toHaveBeenCalledTimes(1);
});

it('answers what it does not know, what is too late, and what has wrong fields', () => {
  const handler = vi.fn(() => ({ outcome: 'done' }) as const);
  const { sent, take } = setUp({ snapshot: handler });
  take('dance');
  take('snapshot', { camera: 'door', deadline: NOW });
  take('snapshot', { camera: 'No Such' });
  expect(sent.map(({ outcome }) => outcome)).toEqual(['unsupported', 'expired', 'failed']);
  expect(sent[2]?.detail).toContain('camera: ');
  expect(handler).not.toHaveBeenCalled();
});

it('gives up at the deadline, and when the agent stops', async () => {
  const { commands, sent, take } = setUp({ diagnostics: () => new Promise(() => undefined) });
  take('diagnostics', { deadline: NOW + 20 });
  await vi.waitFor(() => expect(sent[0]?.detail).toContain('deadline'));
  take('diagnostics');
  commands.stop();
  await vi.waitFor(() => expect(sent[1]?.detail).toContain('stopping'));
});

it('sends a large file in parts that fit into a payload, and refuses one that is too large', async () => {
  let content = Buffer.alloc(1_500_000, 7);
  const { sent, take } = setUp({
    diagnostics: () => ({ outcome: 'done', file: { contentType: 'a/b', content } }),
  });
  take('diagnostics');
  await vi.waitFor(() => expect(sent).toHaveLength(3));
  const parts = sent.map(({ attachment }) => Buffer.from(attachment?.data ?? '', 'base64'));
  expect(Buffer.concat(parts).equals(content)).toBe(true);
  content = Buffer.alloc(6_000_000);
  take('diagnostics');
  await vi.waitFor(() => expect(sent[3]).toMatchObject({ outcome: 'failed' }));
});
