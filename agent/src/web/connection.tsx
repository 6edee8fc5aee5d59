import type { CameraStatus } from '../status/agent-status.js';
import { fill, type WORDS } from './words.js';

type Words = (typeof WORDS)['en'];

/** How well a camera's stream comes, what it is, and what should be set differently at the camera. */
export function Connection({ camera, words }: { camera: CameraStatus; words: Words }) {
  const { quality, stream, advice, decoding } = camera.connection;
  return (
    <div data-testid="connection" data-grade={quality?.grade ?? ''}>
      {quality !== null && (
        <p class="faint">
          {fill(words.quality, { grade: words.grades[quality.grade] })} (
          {fill(words.qualityLine, {
            share: Math.round(100 * quality.frameShare),
            reconnects: quality.reconnectsPerHour,
            stalls: quality.stallsPerHour,
          })}
          )
        </p>
      )}
      {stream !== null && (
        <p class="faint">{fill(words.streamLine, { ...stream, fps: stream.fps ?? '?' })}</p>
      )}
      {advice.map(({ code, values }) => (
        <p key={code} class="problem" data-testid="stream-advice">
          {fill(words.streamAdvice[code], values)}
        </p>
      ))}
      {decoding.fellBack && <p class="problem">{fill(words.fellBack, { wanted: decoding.wanted })}</p>}
    </div>
  );
}
