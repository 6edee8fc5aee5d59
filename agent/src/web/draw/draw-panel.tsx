import { useEffect, useState } from 'preact/hooks';
import type { CameraStatus } from '../../status/agent-status.js';
import { fetchGeometry, saveGeometry } from '../api.js';
import { Problem, problemOf } from '../problem.js';
import type { WORDS } from '../words.js';
import { Canvas } from './canvas.js';
import { ShapeForm } from './shape-form.js';
import { geometryOf, newShape, shapesOf, type Shape } from './shapes.js';

type Words = (typeof WORDS)['en'];

/** Draw and name the lines and zones of a camera on its picture, and save them. */
export function DrawPanel({
  camera,
  words,
  onClose,
}: {
  camera: CameraStatus;
  words: Words;
  onClose: () => void;
}) {
  const [shapes, setShapes] = useState<readonly Shape[]>([]);
  const [chosen, setChosen] = useState({ shape: 0, corner: 0 });
  const [aspect, setAspect] = useState<number>();
  const [problem, setProblem] = useState('');
  const [saving, setSaving] = useState(false);
  const [picture] = useState(() => `/api/cameras/${camera.id}/plain.jpg?at=${Date.now()}`);

  useEffect(() => {
    const image = new Image();
    image.onload = () => setAspect(image.naturalWidth / image.naturalHeight);
    image.onerror = () => setProblem(words.noPicture);
    image.src = picture;
    fetchGeometry(camera.id)
      .then((geometry) => setShapes(shapesOf(geometry)))
      .catch((error: unknown) => setProblem(problemOf(error, words)));
  }, [camera.id, picture, words]);

  const change = (shape: Shape) => setShapes(shapes.with(chosen.shape, shape));
  const add = (kind: Shape['kind']) => {
    setShapes([...shapes, newShape(kind, shapes, kind === 'line' ? words.line : words.zone)]);
    setChosen({ shape: shapes.length, corner: 0 });
  };
  const remove = () => {
    setShapes(shapes.toSpliced(chosen.shape, 1));
    setChosen({ shape: 0, corner: 0 });
  };
  const save = async () => {
    setSaving(true);
    try {
      await saveGeometry(camera.id, geometryOf(shapes));
      onClose();
    } catch (error) {
      setProblem(problemOf(error, words));
    }
    setSaving(false);
  };
  const active = shapes[chosen.shape];
  return (
    <div class="draw" data-testid="draw-panel">
      <p class="faint">{words.drawHelp}</p>
      {aspect !== undefined && (
        <Canvas
          picture={picture}
          aspect={aspect}
          shapes={shapes}
          selected={chosen.shape}
          corner={chosen.corner}
          onSelect={(shape, corner) => setChosen({ shape, corner })}
          onChange={change}
          words={words}
        />
      )}
      <Chooser
        shapes={shapes}
        selected={chosen.shape}
        onSelect={(shape) => setChosen({ shape, corner: 0 })}
      />
      {active !== undefined && (
        <ShapeForm shape={active} corner={chosen.corner} onChange={change} onRemove={remove} words={words} />
      )}
      <div class="buttons">
        <button type="button" data-testid="add-line" onClick={() => add('line')}>
          + {words.line}
        </button>
        <button type="button" data-testid="add-zone" onClick={() => add('zone')}>
          + {words.zone}
        </button>
      </div>
      <Problem text={problem} />
      <div class="buttons">
        <button
          type="button"
          class="primary"
          data-testid="save-drawing"
          disabled={saving || shapes.length === 0}
          onClick={() => void save()}
        >
          {saving ? words.saving : words.save}
        </button>
        <button type="button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </div>
  );
}

function Chooser(props: { shapes: readonly Shape[]; selected: number; onSelect: (shape: number) => void }) {
  return (
    <div class="chips">
      {props.shapes.map(({ id, name, kind }, index) => (
        <button
          type="button"
          key={id}
          aria-pressed={index === props.selected}
          class={`chip ${kind}`}
          onClick={() => props.onSelect(index)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
