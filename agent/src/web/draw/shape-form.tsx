import type { WORDS } from '../words.js';
import { removeCorner, turnRound, type Shape } from './shapes.js';

type Words = (typeof WORDS)['en'];

/** Name, directions or capacity of the chosen line or zone. */
export function ShapeForm(props: {
  shape: Shape;
  corner: number;
  onChange: (shape: Shape) => void;
  onRemove: () => void;
  words: Words;
}) {
  const { shape, corner, onChange, onRemove, words } = props;
  return (
    <div class="fields">
      <Field label={words.name} value={shape.name} onInput={(name) => onChange({ ...shape, name })} />
      {shape.kind === 'line' ? (
        <LineFields shape={shape} onChange={onChange} words={words} />
      ) : (
        <Field
          label={words.capacityField}
          value={String(shape.capacity ?? '')}
          numeric
          onInput={(text) => onChange({ ...shape, capacity: text === '' ? undefined : Number(text) })}
        />
      )}
      <div class="buttons">
        <button type="button" onClick={() => onChange(removeCorner(shape, corner))}>
          {words.removeCorner}
        </button>
        <button type="button" class="bad" onClick={onRemove}>
          {words.remove}
        </button>
      </div>
    </div>
  );
}

function LineFields({
  shape,
  onChange,
  words,
}: {
  shape: Shape;
  onChange: (shape: Shape) => void;
  words: Words;
}) {
  const { directions } = shape;
  const named = (change: Partial<Shape['directions']>) =>
    onChange({ ...shape, directions: { ...directions, ...change } });
  return (
    <>
      <div class="pair">
        <Field label={words.inName} value={directions.in} onInput={(text) => named({ in: text })} />
        <Field label={words.outName} value={directions.out} onInput={(text) => named({ out: text })} />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={shape.entrance}
          onChange={(event) => onChange({ ...shape, entrance: event.currentTarget.checked })}
        />
        {words.entrance}
      </label>
      <button type="button" onClick={() => onChange(turnRound(shape))}>
        ⇄ {words.turnRound}
      </button>
    </>
  );
}

function Field(props: { label: string; value: string; numeric?: boolean; onInput: (value: string) => void }) {
  return (
    <label>
      <span class="faint">{props.label}</span>
      <input
        type="text"
        inputMode={props.numeric === true ? 'numeric' : 'text'}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}
