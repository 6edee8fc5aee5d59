import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { remindOfActionItems } from '../src/escalation/reminders.js';
import { addActionItem, moveActionItem } from '../src/incidents/action-items.js';
import { startReview, writeReview } from '../src/incidents/reviews.js';
import { readTimeline } from '../src/incidents/timeline.js';
import { gatherDigests } from '../src/notify/digest.js';
import type { Problem } from '../src/schema/api.js';
import { inTransaction } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { TestPostgres } from './_util/postgres.js';
import { march, ReportWorld } from './_util/report-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-10T10:00Z');

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** What a reader sees on each page of a PDF. */
async function pagesOf(file: ArrayBuffer): Promise<string[]> {
  const pdf = await getDocument({ data: new Uint8Array(file), verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
    pages.push(text.replace(/\s+/g, ' '));
  }
  return pages;
}

test('the report and the review as files: PDF in Vietnamese with zone and page numbers, Markdown, CSV', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const days = 'from=2026-03-01&to=2026-03-31&zone=Europe/Berlin';
  await collector.withStore(async (store) => {
    const world = await ReportWorld.over(store);
    await march(world);
    const by = { actor: 'lan', channel: 'console' } as const;
    const now = Date.parse('2026-03-30T00:00Z');
    await inTransaction(store, async (trx) => {
      await startReview(trx, 'INC-4', { by, now });
      const rootCause = 'Ổ cứng hỏng vì nóng. '.repeat(120);
      // The marks come one by one from some keyboards.
      const lessons = 'Đặt quạt ở mỗi tủ'.normalize('NFD');
      await writeReview(trx, 'INC-4', { rootCause, lessons }, now);
    });
  });
  const get = (path: string) => collector.get(`/api/v1/${path}`, cookie);
  const review = await get('incidents/INC-4/review.pdf?lang=vi');
  expect(review.headers.get('content-type')).toBe('application/pdf');
  const pages = await pagesOf(await review.arrayBuffer());
  expect(pages.length).toBeGreaterThan(1);
  expect(pages[0]).toContain('Đánh giá sau sự cố INC-4');
  expect(pages[0]).toContain('Asia/Ho_Chi_Minh');
  expect(pages[0]).toContain('Ổ cứng hỏng vì nóng.');
  expect(pages.join(' ')).toContain('Đặt quạt ở mỗi tủ');
  // Opened at five in the morning of UTC.
  expect(pages.join(' ')).toContain('2026-03-29T12:00:00+07:00');
  for (const [index, text] of pages.entries())
    expect(text).toMatch(new RegExp(`${index + 1} / ${pages.length} ?$`));

  const [first = '', ...more] = await pagesOf(
    await (await get(`reports/on-call.pdf?${days}&lang=vi`)).arrayBuffer(),
  );
  expect(first).toContain('Báo cáo trực 2026-03-01 – 2026-03-31');
  expect(first).toContain('2026-03-01T00:00:00+01:00 – 2026-03-31T23:59:59+02:00 (Europe/Berlin)');
  expect([first, ...more].join(' ')).toContain('quá nhiều');
  const markdown = await (await get(`reports/on-call.md?${days}`)).text();
  expect(markdown).toContain('| 2026-03-28 | lan | Europe/Berlin | 3 | 2 | e-mail 2, SMS 2 | too many |');
  expect(markdown).toContain('| lan | 6 | 5 | 4 | 2 | 1 | e-mail 5, SMS 3 |');
  const csv = await (await get(`reports/on-call.csv?${days}&table=rules`)).text();
  expect(csv.split('\r\n').slice(0, 2)).toEqual([
    'rule,alerts,incidents,pages,untouched,untouched_share,flaps,median_seconds',
    'camera-offline,3,2,4,1,0.5,2,1200',
  ]);
  const problem = async (query: string) =>
    ((await (await get(`reports/on-call?${query}`)).json()) as Problem).detail;
  expect(await problem('from=2026-03-01&to=2026-02-01')).toMatch(/to: 2026-02-01 is before/);
  expect(await problem('from=March&to=2026-02-01')).toMatch(/from: must be a day/);
  expect(await problem(`${days}/Nowhere`)).toMatch(/zone: is no time zone/);
});

describe.each(['SQLite', 'PostgreSQL'] as const)('action items on %s', (kind) => {
  test('are followed up until verified: their owner, then somebody who may verify, weekly, with the digest', async () => {
    const world = await ReportWorld.make(kind === 'SQLite' ? undefined : await postgres.database());
    const { store } = world;
    const id = await world.incident('gateway-offline', START);
    await world.acknowledge(id, START);
    await world.resolve(id, START);
    const doing = (actor: string, now: number) => ({ by: { actor, channel: 'console' }, now }) as const;
    const within = (work: Parameters<typeof inTransaction<void>>[1]) => inTransaction(store, work);
    const add = (text: string, owner: string) =>
      within((trx) => addActionItem(trx, id, { text, owner, dueAt: START + DAY }, doing('lan', START)));
    await add('Oil hinges', 'minh');
    await add('Buy oil', 'minh');
    await add('Ask the landlord', 'somebody outside');
    const messages = async () =>
      (
        await store
          .selectFrom('notification')
          .select(['contact', 'payload'])
          .where('kind', '=', 'update')
          .orderBy('created_at')
          .orderBy('contact')
          .execute()
      ).map(
        ({ contact, payload }) => `${contact} ${(JSON.parse(payload) as { title: { en: string } }).title.en}`,
      );
    await remindOfActionItems(store, START + DAY - 1);
    expect(await messages()).toEqual([]);
    await remindOfActionItems(store, START + DAY);
    await remindOfActionItems(store, START + DAY + HOUR);
    const first = await messages();
    // The review is lan's: whoever cannot be reached is lan's to ask.
    expect(first).toEqual([
      'lan-mail INC-1: action item overdue: Ask the landlord (owner somebody outside)',
      expect.stringMatching(
        /^minh-mail (?=.*INC-1: action item overdue: Oil hinges \(owner minh\))(?=.*overdue: Buy oil \(owner minh\))/,
      ),
    ]);
    const items = await store.selectFrom('action_item').select(['id', 'text']).execute();
    const move = (text: string, step: 'done' | 'verify', actor: string, now: number) =>
      within((trx) =>
        moveActionItem(
          trx,
          { incident: id, item: items.find((one) => one.text === text)?.id ?? '', step },
          doing(actor, now),
        ),
      );
    await move('Oil hinges', 'done', 'minh', START + 2 * DAY);
    await move('Buy oil', 'done', 'minh', START + 2 * DAY);
    await move('Buy oil', 'verify', 'lan', START + 3 * DAY);
    await remindOfActionItems(store, START + 9 * DAY);
    // What is verified is never heard of again; minh cannot verify minh's work, lan can.
    expect((await messages()).slice(first.length)).toEqual([
      expect.stringMatching(
        /^lan-mail (?=.*overdue: Ask the landlord)(?=.*to be verified: Oil hinges)(?!.*Buy oil)/,
      ),
    ]);
    const reminded = (await readTimeline(store, id)).filter(({ data }) => data.includes('reminded'));
    expect(reminded.map(({ text, data }) => `${text} ${data}`)).toContain(
      'Ask the landlord {"step":"reminded","people":["lan"]}',
    );
    expect(reminded).toHaveLength(5);
    await gatherDigests(store, START + 20 * DAY);
    const digests = await store
      .selectFrom('notification')
      .select('contact')
      .where('kind', '=', 'digest')
      .execute();
    expect(digests.map(({ contact }) => contact).sort()).toEqual(['lan-mail', 'minh-mail']);
  });
});
