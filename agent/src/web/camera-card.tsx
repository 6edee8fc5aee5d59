import { useState } from 'preact/hooks';
import type { CameraStatus } from '../status/agent-status.js';
import { timeOf } from './time.js';
import { fill, type Language, type WORDS } from './words.js';

type Words = (typeof WORDS)['en'];

/** One camera: its picture, its state with what to do, and its counts. */
export function CameraCard({
  camera,
  words,
  language,
}: {
  camera: CameraStatus;
  words: Words;
  language: Language;
}) {
  const { state, cause, fps, frames, lastFrameAt } = camera;
  const good = state === 'streaming';
  const advice = good ? '' : words.advice[cause];
  return (
    <section class="card" data-testid="camera-card" data-state={state}>
      <div class="row">
        <h2>{camera.name}</h2>
        <span class={good ? 'badge good' : 'badge bad'}>
          <span aria-hidden="true">{good ? '● ' : '▲ '}</span>
          {words.states[state]}
        </span>
      </div>
      {advice !== '' && <p class="problem">{advice}</p>}
      {!good && camera.detail !== '' && <p class="faint detail">{camera.detail}</p>}
      {camera.retryAt !== null && (
        <p class="faint">{fill(words.retry, { time: timeOf(camera.retryAt, language) })}</p>
      )}
      <Picture camera={camera} words={words} />
      <p class="row">
        <strong>{fill(words.inView, { n: camera.inView })}</strong>
        <span class="faint">
          {fill(words.frames, {
            fps: fps.measured.toFixed(1),
            wanted: fps.configured,
            skipped: frames.skipped,
          })}
        </span>
      </p>
      <Lines camera={camera} words={words} />
      {lastFrameAt !== null && (
        <p class="faint">{fill(words.lastFrame, { time: timeOf(lastFrameAt, language) })}</p>
      )}
    </section>
  );
}

function Picture({ camera, words }: { camera: CameraStatus; words: Words }) {
  const [broken, setBroken] = useState(0);
  if (camera.lastFrameAt === null) return <div class="picture empty">{words.noPicture}</div>;
  // A new address makes the browser connect again after the stream was cut.
  const again = () => setTimeout(() => setBroken((count) => count + 1), 2000);
  return (
    <img
      class="picture"
      data-testid="camera-picture"
      src={`/api/cameras/${camera.id}/stream?attempt=${broken}`}
      alt={fill(words.pictureOf, { name: camera.name })}
      onError={again}
    />
  );
}

function Lines({ camera, words }: { camera: CameraStatus; words: Words }) {
  return (
    <table>
      <caption>{words.sinceStart}</caption>
      <thead>
        <tr>
          <th scope="col">{words.line}</th>
          <th scope="col">{words.in}</th>
          <th scope="col">{words.out}</th>
        </tr>
      </thead>
      <tbody>
        {camera.lines.map(({ id, name, totals }) => (
          <tr key={id} data-testid="line-counts" data-line={id} data-in={totals.in} data-out={totals.out}>
            <th scope="row">{name}</th>
            <td>{totals.in}</td>
            <td>{totals.out}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
