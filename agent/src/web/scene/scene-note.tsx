import type { CameraStatus } from '../../status/agent-status.js';
import { acceptScene } from '../api.js';
import type { WORDS } from '../words.js';

type Words = (typeof WORDS)['en'];

/** What is wrong with a camera's picture, and the button that says that it is right as it is. */
export function SceneNote({ camera, words }: { camera: CameraStatus; words: Words }) {
  const { active, learning } = camera.scene;
  if (camera.state !== 'streaming') return null;
  if (active.length === 0) return learning ? <p class="faint">{words.learning}</p> : null;
  return (
    <div class="scene" data-testid="scene" data-conditions={active.join(' ')}>
      {active.map((condition) => (
        <p key={condition} class="problem">
          <span aria-hidden="true">▲ </span>
          {words.conditions[condition]}
        </p>
      ))}
      <p class="faint">{words.suspect}</p>
      <div class="buttons">
        <button type="button" data-testid="accept-scene" onClick={() => void acceptScene(camera.id)}>
          {words.accept}
        </button>
      </div>
      <p class="faint">{words.acceptHelp}</p>
    </div>
  );
}
