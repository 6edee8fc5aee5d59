import type { AgentStatus, StatusAnswer } from '../status/agent-status.js';
import type { Verdict } from '../status/verdicts.js';
import { CameraCard } from './camera-card.js';
import { timeOf } from './time.js';
import { ToolsCard } from './tools/tools-card.js';
import { SUBJECT_WORDS, VERDICT_WORDS } from './verdict-words.js';
import { fill, WORDS, type Language } from './words.js';

type Words = (typeof WORDS)['en'];

/** Verdicts first, then every camera. */
export function StatusView({
  status,
  words,
  language,
}: {
  status: StatusAnswer;
  words: Words;
  language: Language;
}) {
  const { cameras, verdicts, version, startedAt, now } = status;
  return (
    <>
      <section class="card verdicts">
        {verdicts.map((verdict) => (
          <VerdictLine key={verdict.subject} verdict={verdict} language={language} />
        ))}
        {status.config.problem !== null && (
          <p class="problem machine" data-testid="config-problem">
            ▲ {fill(words.configProblem, { problem: status.config.problem })}
          </p>
        )}
        <p class="faint machine">
          {words.host}: {hostLine(status, words)}. {fill(words.timeHere, { time: timeOf(now, language) })}
        </p>
      </section>
      {cameras.map((camera) => (
        <CameraCard key={camera.id} camera={camera} words={words} language={language} />
      ))}
      <ToolsCard cameras={cameras} words={words} language={language} />
      <footer>{fill(words.version, { version, time: timeOf(startedAt, language) })}</footer>
    </>
  );
}

const MARKS = { good: '✔', bad: '▲', unknown: '?' } as const;

function VerdictLine({ verdict, language }: { verdict: Verdict; language: Language }) {
  const { subject, grade, code, values } = verdict;
  const [says, general] = VERDICT_WORDS[language][code];
  const { advice } = WORDS[language];
  // A camera's verdict names the cause of the first camera: its action is more use than "look below".
  const cause = Object.keys(advice).find((one): one is keyof typeof advice => one === values['cause']);
  const next = cause === undefined ? general : advice[cause];
  return (
    <div class="verdict" data-testid="verdict" data-subject={subject} data-grade={grade} data-code={code}>
      <span class={grade} aria-hidden="true">
        {MARKS[grade]}
      </span>
      <div>
        <strong>{SUBJECT_WORDS[language][subject]}</strong>
        <div>{fill(says, values)}</div>
        {next !== '' && <div class="next">→ {next}</div>}
      </div>
    </div>
  );
}

function hostLine({ host }: AgentStatus, words: Words): string {
  if (host === null) return words.hostNone;
  const share = (used: number, total: number) => Math.round((100 * used) / total);
  const { diskUsedBytes, diskTotalBytes } = host;
  return fill(words.hostLine, {
    cpu: Math.round(host.cpuPercent),
    memory: share(host.memoryUsedBytes, host.memoryTotalBytes),
    disk: diskUsedBytes === null || !diskTotalBytes ? '–' : `${share(diskUsedBytes, diskTotalBytes)} %`,
  });
}
