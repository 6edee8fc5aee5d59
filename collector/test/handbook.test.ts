import { describe, expect, test } from 'vitest';
import { ALERTMANAGER_RULE } from '../src/alerts/alertmanager-rule.js';
import { DEFAULT_RULES } from '../src/alerts/rules.js';
import { RUNBOOKS_OF_PART } from '../src/handbook/parts.js';
import { startCollector } from './_util/collector.js';
import { readFacts, type Facts } from './_util/handbook/facts.js';
import { formProblems, missingRunbooks } from './_util/handbook/form.js';
import { nameProblems, runbooksOfRules, seriesOfRules } from './_util/handbook/names.js';
import { handbookFile, HANDBOOK, inLines, readHandbook } from './_util/handbook/pages.js';

const pages = readHandbook(HANDBOOK);
const RUNBOOKS = [...DEFAULT_RULES, ALERTMANAGER_RULE]
  .map(({ runbook }) => runbook)
  .filter((slug) => slug !== '');

test('every alert rule has its runbook in both languages, those of Prometheus too', () => {
  expect(runbooksOfRules()).toHaveLength(7);
  expect(inLines(missingRunbooks(pages, [...RUNBOOKS, ...runbooksOfRules()]))).toEqual([]);
});

test('every runbook of a rule stands below one part of the system', () => {
  expect(RUNBOOKS).toHaveLength(35);
  expect(Object.values(RUNBOOKS_OF_PART).flat().sort()).toEqual([...new Set(RUNBOOKS)].sort());
});

test('pages have their form, and both languages the same steps and the same code', () => {
  expect(inLines(formProblems(pages))).toEqual([]);
});

test('whatever a page or a rule of Prometheus names exists, and the check finds what does not', async () => {
  const facts = await readFacts(await startCollector(), [...RUNBOOKS, ...pages.map(({ slug }) => slug)]);
  const problems = await Promise.all(pages.map((page) => nameProblems(page, facts)));
  expect(inLines(problems.flat())).toEqual([]);
  expect(seriesOfRules().filter((name) => !facts.metrics.has(name))).toEqual([]);
  await findsWrongNames(facts);
});

/** Each line of a page names one thing that does not exist, or only what exists. */
async function findsWrongNames(facts: Facts): Promise<void> {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['`headcount-agent self-test`', undefined],
    ['`sudo headcount-agent diagnostics -o /tmp/x.tar.gz --config /etc/headcount/agent.yaml`', undefined],
    ['`headcount-agent repair`', '"headcount-agent" has no sub-command "repair"'],
    ['`headcount-agent self-test --force`', '"headcount-agent self-test" has no flag --force'],
    ['`headcount-agent probe rtsp://10.0.0.7/1 more`', '"headcount-agent probe" takes no 2 arguments'],
    ['`headcount-collector gateway list`', undefined],
    [
      '`headcount-collector gateway remove lobby`',
      '"headcount-collector gateway" has no sub-command "remove"',
    ],
    ['`headcount_outbox_waiting_records`', undefined],
    ['`headcount_http_request_duration_seconds_bucket`', undefined],
    [
      '`headcount_outbox_records{camera="door"} > 0`',
      'neither agent nor collector has a metric headcount_outbox_records',
    ],
    ['`GET /api/v1/pumps`', 'there is no route GET /api/v1/pumps'],
    ['`GET /api/v1/incidents/:id`', undefined],
    ['`GET /api/v1/incidents/INC-1?x=1`', undefined],
    ['`DELETE /api/v1/incidents`', 'there is no route DELETE /api/v1/incidents'],
    ['`GET /readyz`', undefined],
    ['[Incidents](#incidents)', undefined],
    ['[Cameras](#cameras)', 'the console has no page #cameras'],
    ['[Other](#handbook/no-such-page)', 'the handbook has no page "no-such-page"'],
    ['[File](other.md)', 'the link other.md leads nowhere: write #page or https://…'],
    ['`headcount-agent.service`', undefined],
    ['`headcount-camera.service`', 'systemd/ has no unit headcount-camera.service'],
    ['`systemctl restart headcount-agent`', undefined],
    ['`journalctl -u headcount-camera -n 50`', 'systemd/ has no unit headcount-camera.service'],
    ['`/etc/headcount/agent.yaml`', undefined],
    ['`/etc/headcount/camera.yaml`', 'no package and no program knows the path /etc/headcount/camera.yaml'],
    ['`/var/lib/headcount/cache/x`', 'no package and no program knows the path /var/lib/headcount/cache/x'],
    ['`frobnicate --all`', '"frobnicate" is no program that a step may call'],
    ['`connection refused`', undefined],
    [
      '1. Look:\n\n   ```sh\n   date -u | frobnicate\n   ```',
      '"frobnicate" is no program that a step may call',
    ],
    [
      '```sh\n# on the gateway\nHEADCOUNT_CAMERA_LOGIN="a:b c" headcount-agent probe rtsp://x/1\n```',
      undefined,
    ],
    ['```yaml\nfrobnicate: 1\n```', undefined],
  ];
  for (const [text, problem] of cases) {
    const page = handbookFile('en/guides/test.md', `# Test\n\n## One\n\nFirst\n\n${text}\n`);
    const found = (await nameProblems(page, facts)).map((one) => one.problem);
    expect(found, text).toEqual(problem === undefined ? [] : [problem]);
  }
  const page = handbookFile(
    'en/guides/test.md',
    '# Test\n\nA `date` and\na `GET /nowhere` here.\n\n1. One\n2. Two\n   `GET /no`\n',
  );
  expect((await nameProblems(page, facts)).map(({ line }) => line)).toEqual([4, 8]);
}

describe('the check of the form finds', () => {
  const good = (title: string, [meaning, impact, diagnosis, mitigation, escalation, prevention]: string[]) =>
    `# ${title}\n\n## ${meaning}\n\nText\n\n## ${impact}\n\nText\n\n## ${diagnosis}\n\n1. Look at \`date\`.\n2. Look again.\n\n` +
    `## ${mitigation}\n\n1. Do.\n\n## ${escalation}\n\nText\n\n## ${prevention}\n\nText\n`;
  const EN = good('Gone', ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Escalation', 'Prevention']);
  const VI = good('Mất', ['Ý nghĩa', 'Ảnh hưởng', 'Chẩn đoán', 'Khắc phục', 'Chuyển cấp', 'Phòng ngừa']);
  const check = (en: string, vi: string) =>
    formProblems([
      ...(en === '' ? [] : [handbookFile('en/runbooks/gone.md', en)]),
      ...(vi === '' ? [] : [handbookFile('vi/runbooks/gone.md', vi)]),
    ]).map(({ file, line, problem }) => `${file}:${line}: ${problem}`);

  test('nothing in a right page', () => expect(check(EN, VI)).toEqual([]));

  test.each([
    ['a missing translation', EN, '', 'en/runbooks/gone.md:1: vi has no such page'],
    ['a missing original', '', VI, 'vi/runbooks/gone.md:1: en has no such page'],
    [
      'no title',
      EN.replace('# Gone', 'Gone'),
      VI,
      'en/runbooks/gone.md:1: has no title: begin with "# Title"',
    ],
    [
      'a section of another name',
      EN.replace('## Impact', '## Effect'),
      VI,
      'en/runbooks/gone.md:7: sections are Meaning, Effect, Diagnosis, Mitigation, Escalation, Prevention; they must be Meaning, Impact, Diagnosis, Mitigation, Escalation, Prevention',
    ],
    [
      'steps without numbers',
      EN.replace('1. Do', '- Do'),
      VI.replace('1. Do', '- Do'),
      'vi/runbooks/gone.md:16: "Khắc phục" must be one numbered list and nothing else',
    ],
    [
      'a step too few',
      EN,
      VI.replace('2. Look again.\n', ''),
      'vi/runbooks/gone.md:11: "Chẩn đoán" has 1 steps, in English 2',
    ],
    [
      'other code',
      EN,
      VI.replace('`date`', '`uptime`'),
      'vi/runbooks/gone.md:13: `date` stands in the English text and not here',
    ],
    [
      'an empty section',
      EN,
      VI.replace('## Phòng ngừa\n\nText', '## Phòng ngừa'),
      'vi/runbooks/gone.md:24: "Phòng ngừa" is empty',
    ],
    [
      'text before the first section',
      EN.replace('# Gone\n', '# Gone\n\nHello\n'),
      VI,
      'en/runbooks/gone.md:3: text before the first section',
    ],
    ['HTML', EN.replace('Text', '<b>Text</b>'), VI, 'en/runbooks/gone.md:5: HTML is not shown: <b>'],
  ])('%s', (_what, en, vi, problem) => expect(check(en, vi)).toContain(problem));

  test('a runbook that is missing', () => {
    const there = [handbookFile('en/runbooks/gone.md', EN)];
    expect(inLines(missingRunbooks(there, ['gone']))).toEqual([
      'collector/handbook/vi/runbooks/gone.md:1: this runbook is named by an alert rule and does not exist',
    ]);
  });
});
