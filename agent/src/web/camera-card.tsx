import { useState } from 'preact/hooks';
import type { CameraStatus } from '../status/agent-status.js';
import { AuditPanel } from './audit/audit-panel.js';
import { Connection } from './connection.js';
import { DrawPanel } from './draw/draw-panel.js';
import { Advice, Lines, NeededFps, Zones } from './geometry.js';
import { SceneNote } from './scene/scene-note.js';
import { timeOf } from './time.js';
import { WalkPanel } from './walk/walk-panel.js';
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
  const [tool, setTool] = useState<'draw' | 'walk' | 'audit'>();
  const advice = words.advice[cause];
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
      <SceneNote camera={camera} words={words} />
      {tool === 'draw' ? (
        <DrawPanel camera={camera} words={words} onClose={() => setTool(undefined)} />
      ) : (
        tool !== 'audit' && <Picture camera={camera} words={words} />
      )}
      {tool === 'walk' && <WalkPanel camera={camera} words={words} onClose={() => setTool(undefined)} />}
      {tool === 'audit' && <AuditPanel {...{ camera, words, language }} onClose={() => setTool(undefined)} />}
      {tool === undefined && lastFrameAt !== null && (
        <div class="buttons">
          <button type="button" data-testid="draw" onClick={() => setTool('draw')}>
            ✎ {words.draw}
          </button>
          {camera.lines.length > 0 && (
            <>
              <button type="button" data-testid="walk-test" onClick={() => setTool('walk')}>
                {words.walkTest}
              </button>
              <button type="button" data-testid="audit" onClick={() => setTool('audit')}>
                {words.audit}
              </button>
            </>
          )}
        </div>
      )}
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
      {camera.lines.length > 0 && <NeededFps camera={camera} words={words} />}
      {/* Not while somebody counts without knowing what the machine counted. */}
      {camera.lines.length > 0 && tool !== 'audit' && <Lines camera={camera} words={words} />}
      {camera.zones.length > 0 && <Zones camera={camera} words={words} />}
      <Advice camera={camera} words={words} language={language} />
      <Connection camera={camera} words={words} />
      {camera.address !== null && <p class="faint">{fill(words.address, { address: camera.address })}</p>}
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
