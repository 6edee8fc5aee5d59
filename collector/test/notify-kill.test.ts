import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { queueNotification } from '../src/notify/outbox.js';
import { openStore, type Store } from '../src/store/store.js';
import { WEBHOOK, WEBHOOK_SECRET } from './_util/dialects.js';
import { HttpReceiver, type Answer } from './_util/http-receiver.js';
import { Program } from './_util/program.js';
import { TestSmtp } from './_util/smtp.js';
import { until } from './_util/until.js';

/** A real collector process that is killed at a known step of the outbox: receivers hold what they would say until then. */
class KillBench {
  readonly smtp: TestSmtp;
  readonly webhook: HttpReceiver;
  readonly file: string;
  private readonly config: string;
  private program: Program | undefined;
  private incident = 0;

  private constructor(folder: string, { smtp, webhook }: { smtp: TestSmtp; webhook: HttpReceiver }) {
    this.smtp = smtp;
    this.webhook = webhook;
    this.file = join(folder, 'data', 'collector.sqlite');
    this.config = join(folder, 'collector.yaml');
    writeFileSync(
      this.config,
      `dataDir: ${folder}/data\nhttp: { port: 0 }\nmqtt: { port: 0 }\nnotify: { email: { from: a@example.com }, webhook: {} }\n`,
    );
  }

  static async open(): Promise<KillBench> {
    const folder = mkdtempSync(join(tmpdir(), 'headcount-kill-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const receivers = { smtp: await TestSmtp.start(), webhook: await HttpReceiver.start(WEBHOOK) };
    return new KillBench(folder, receivers);
  }

  async start(): Promise<void> {
    const env = { SMTP_URL: this.smtp.url, NOTIFY_WEBHOOK_SECRET: WEBHOOK_SECRET };
    this.program = new Program(['run', '--config', this.config], env);
    await this.program.listening();
  }

  async kill(): Promise<void> {
    const { child } = this.program ?? {};
    if (child === undefined) throw new Error('nothing runs');
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(this.file);
    try {
      return await work(store);
    } finally {
      await store.destroy();
    }
  }

  /** A critical page by webhook, or by mail. @returns its id */
  page(kind: 'webhook' | 'email', fallback = false): Promise<string> {
    const [address, now] = [kind === 'email' ? 'lan@example.com' : `${this.webhook.url}/x`, Date.now()];
    const contact = { id: 'lan', kind, address, language: 'en' } as const;
    this.incident += 1;
    const { incident } = this;
    return this.withStore((store) =>
      queueNotification(
        store,
        {
          ...{ incident: `INC-${incident}`, contact, step: 0, loop: 0, kind: 'page', severity: 'critical' },
          fallbacks: fallback
            ? [{ id: 'minh', kind: 'email', address: 'minh@example.com', language: 'en' }]
            : [],
          data: {
            ...{ number: incident, title: { en: 'Broker down', vi: 'Broker ngừng' }, site: null },
            ...{ since: now, timeZone: 'UTC', runbook: '' },
          },
          deadlineAt: now + 60_000,
        },
        now,
      ),
    );
  }

  state(id: string): Promise<string> {
    return this.withStore(async (store) => {
      const row = await store
        .selectFrom('notification')
        .select('state')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return row.state;
    });
  }

  async comesTo(id: string, state: string): Promise<void> {
    await until(async () => ((await this.state(id)) === state ? true : undefined), state);
  }

  async nextPush(): Promise<{ id: string; incident: string; possibleDuplicate: boolean }> {
    const { body } = await this.webhook.inbox.next();
    return JSON.parse(body) as Awaited<ReturnType<KillBench['nextPush']>>;
  }
}

let bench: KillBench;
beforeEach(async () => {
  bench = await KillBench.open();
  await bench.start();
});

test('killed before the attempt begins: sent once, unmarked; killed after it was settled: not sent again', async () => {
  await bench.kill();
  const waiting = await bench.page('webhook');
  await bench.start();
  expect(await bench.nextPush()).toMatchObject({ incident: 'INC-1', possibleDuplicate: false });
  await bench.comesTo(waiting, 'sent');
  await bench.kill();
  await bench.start();
  // Whatever is due goes out before this one, which is younger.
  const younger = await bench.page('webhook');
  expect(await bench.nextPush()).toMatchObject({ incident: 'INC-2', possibleDuplicate: false });
  await bench.comesTo(younger, 'sent');
});

test('killed after the attempt began, before anything was written: sent, and marked', async () => {
  const connected = new Promise<void>((resolve) => {
    bench.smtp.onConnect = () => {
      resolve();
      // No greeting: the client has nothing to write after.
      return new Promise(() => undefined);
    };
  });
  const id = await bench.page('email');
  await connected;
  expect(await bench.state(id)).toBe('sending');
  await bench.kill();
  expect(bench.smtp.inbox.size).toBe(0);
  bench.smtp.onConnect = () => Promise.resolve();
  await bench.start();
  expect((await bench.smtp.inbox.next()).subject).toMatch(
    /^\(possible duplicate\) \[CRITICAL\] #1 Broker down/,
  );
  await bench.comesTo(id, 'sent');
});

test('killed after the body was written: sent again, marked, with the same key, and to the next contact', async () => {
  const written = new Promise<void>((resolve) => {
    bench.webhook.answers.push(() => {
      resolve();
      return new Promise<Answer>(() => undefined);
    });
  });
  const id = await bench.page('webhook', true);
  await written;
  expect(await bench.state(id)).toBe('sending');
  await bench.kill();
  const first = await bench.nextPush();
  await bench.start();
  const again = await bench.nextPush();
  expect([first.possibleDuplicate, again.possibleDuplicate]).toEqual([false, true]);
  expect(again.id).toBe(first.id);
  expect(await bench.smtp.inbox.next()).toMatchObject({
    to: 'minh@example.com',
    subject: expect.not.stringContaining('duplicate') as string,
  });
  await bench.comesTo(id, 'sent');
});

test('killed after the answer, before it was noted: sent again, and marked', async () => {
  const lock = new Database(bench.file);
  onTestFinished(() => void lock.close());
  const answered = new Promise<void>((resolve) => {
    bench.webhook.answers.push(() => {
      // Nobody but the test can write from here on, so that the answer cannot be noted.
      lock.exec('BEGIN IMMEDIATE');
      return Promise.resolve({ status: 200, sent: resolve });
    });
  });
  const id = await bench.page('webhook');
  await answered;
  await bench.kill();
  lock.exec('ROLLBACK');
  expect(await bench.state(id)).toBe('sending');
  const first = await bench.nextPush();
  await bench.start();
  const again = await bench.nextPush();
  expect([first.possibleDuplicate, again.possibleDuplicate]).toEqual([false, true]);
  await bench.comesTo(id, 'sent');
});
