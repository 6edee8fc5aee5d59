import type { AgentStatus } from '../status/agent-status.js';
import { CameraCard } from './camera-card.js';
import { timeOf } from './time.js';
import { fill, type Language, type WORDS } from './words.js';

type Words = (typeof WORDS)['en'];

/** Verdicts first, then every camera. */
export function StatusView({
  status,
  words,
  language,
}: {
  status: AgentStatus;
  words: Words;
  language: Language;
}) {
  const { cameras, uplink, outbox, version, startedAt } = status;
  const camerasFine = cameras.every(({ state }) => state === 'streaming' || state === 'disabled');
  const online = uplink.state === 'online';
  return (
    <>
      <section class="card verdicts">
        <Verdict
          good={camerasFine}
          what={words.cameras}
          says={camerasFine ? words.camerasFine : words.camerasBad}
        />
        <Verdict
          good={online}
          what={words.uplink}
          says={online ? words.uplinkFine : words.uplinkBad}
          detail={uplink.problem ?? undefined}
        />
        <Verdict
          good={online || outbox.waiting === 0}
          what={words.storage}
          says={outbox.waiting === 0 ? words.storageFine : fill(words.storageWaiting, { n: outbox.waiting })}
        />
        <Verdict good what={words.host} says={hostLine(status, words)} />
      </section>
      {cameras.map((camera) => (
        <CameraCard key={camera.id} camera={camera} words={words} language={language} />
      ))}
      <footer>{fill(words.version, { version, time: timeOf(startedAt, language) })}</footer>
    </>
  );
}

function Verdict(props: { good: boolean; what: string; says: string; detail?: string | undefined }) {
  return (
    <div class="verdict" data-testid="verdict" data-good={props.good}>
      <span class={props.good ? 'good' : 'bad'} aria-hidden="true">
        {props.good ? '✔' : '▲'}
      </span>
      <div>
        <strong>{props.what}</strong>
        <div>{props.says}</div>
        {props.detail !== undefined && <div class="faint">{props.detail}</div>}
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
