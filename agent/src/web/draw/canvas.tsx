import { useRef } from 'preact/hooks';
import { fill, type WORDS } from '../words.js';
import { moveCorner, sidesOf, splitSide, type Corner, type Shape } from './shapes.js';

type Words = (typeof WORDS)['en'];

/** How far an arrow key moves a corner (share of the picture), and with Shift. */
const STEP = 0.01;
const LARGE_STEP = 0.05;
/** Length of the arrow that shows which way is "in", as a share of the picture's height. */
const ARROW = 0.1;

/** What the canvas works on. */
export interface CanvasProps {
  readonly picture: string;
  /** Width of the picture divided by its height. */
  readonly aspect: number;
  readonly shapes: readonly Shape[];
  readonly selected: number;
  readonly corner: number;
  readonly onSelect: (shape: number, corner: number) => void;
  readonly onChange: (shape: Shape) => void;
  readonly words: Words;
}

/** The picture with lines and zones on it; corners are dragged by finger, mouse or arrow keys. */
export function Canvas(props: CanvasProps) {
  const { picture, aspect, shapes, selected, onSelect, words } = props;
  const svg = useRef<SVGSVGElement>(null);
  const active = shapes[selected];
  return (
    <div class="canvas" style={{ aspectRatio: String(aspect) }}>
      <img src={picture} alt={words.drawPicture} />
      <svg ref={svg} viewBox={`0 0 ${aspect} 1`} role="group" aria-label={words.drawPicture}>
        {shapes.map((shape, index) => (
          <g
            key={shape.id}
            class={`shape ${shape.kind} ${index === selected ? 'selected' : ''}`}
            onClick={() => onSelect(index, 0)}
          >
            <Outline shape={shape} aspect={aspect} />
          </g>
        ))}
        {active !== undefined && <Handles {...props} shape={active} svg={svg} />}
      </svg>
    </div>
  );
}

function Outline({ shape, aspect }: { shape: Shape; aspect: number }) {
  const points = shape.corners.map(([x, y]) => `${x * aspect},${y}`).join(' ');
  if (shape.kind === 'zone') return <polygon points={points} />;
  const side = sidesOf(shape)[Math.floor((shape.corners.length - 1) / 2)];
  return (
    <>
      <polyline class="touch" points={points} />
      <polyline points={points} />
      {side !== undefined && <InArrow from={side[0]} to={side[1]} aspect={aspect} />}
    </>
  );
}

/** "in" goes towards the right-hand side of somebody who walks from `from` to `to`; y grows downwards. */
function InArrow({ from, to, aspect }: { from: Corner; to: Corner; aspect: number }) {
  const [dx, dy] = [(to[0] - from[0]) * aspect, to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [x, y] = [((from[0] + to[0]) / 2) * aspect, (from[1] + to[1]) / 2];
  const [nx, ny] = [-dy / length, dx / length];
  const [tipX, tipY] = [x + nx * ARROW, y + ny * ARROW];
  const wing = (turn: number) =>
    `${tipX - nx * 0.035 + turn * ny * 0.025},${tipY - ny * 0.035 - turn * nx * 0.025}`;
  return (
    <>
      <line x1={x} y1={y} x2={tipX} y2={tipY} />
      <polyline points={`${wing(1)} ${tipX},${tipY} ${wing(-1)}`} />
    </>
  );
}

function Handles(
  props: CanvasProps & { readonly shape: Shape; readonly svg: { readonly current: SVGSVGElement | null } },
) {
  const { shape, aspect, selected, corner, onSelect, onChange, words, svg } = props;
  const placeOf = (event: PointerEvent): Corner => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined) return [0, 0];
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const onDown = (event: PointerEvent, index: number) => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    onSelect(selected, index);
  };
  const onMove = (event: PointerEvent, index: number) => {
    if ((event.currentTarget as Element).hasPointerCapture(event.pointerId))
      onChange(moveCorner(shape, index, placeOf(event)));
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const way = WAYS[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const [x, y] = shape.corners[index] ?? [0, 0];
    onChange(moveCorner(shape, index, [x + way[0] * step, y + way[1] * step]));
  };
  return (
    <>
      {sidesOf(shape).map(([[x1, y1], [x2, y2], index]) => (
        <circle
          key={`side-${index}`}
          class="middle"
          role="button"
          tabIndex={0}
          aria-label={words.addCorner}
          cx={((x1 + x2) / 2) * aspect}
          cy={(y1 + y2) / 2}
          r={0.022}
          onClick={(event) => {
            event.stopPropagation();
            onChange(splitSide(shape, index));
            onSelect(selected, index + 1);
          }}
          onKeyDown={(event) => event.key === 'Enter' && onChange(splitSide(shape, index))}
        />
      ))}
      {shape.corners.map(([x, y], index) => (
        <circle
          key={`corner-${index}`}
          class={index === corner ? 'corner chosen' : 'corner'}
          data-testid="corner"
          role="button"
          tabIndex={0}
          aria-label={fill(words.corner, { n: index + 1, name: shape.name })}
          cx={x * aspect}
          cy={y}
          r={0.045}
          onPointerDown={(event) => onDown(event, index)}
          onPointerMove={(event) => onMove(event, index)}
          onKeyDown={(event) => onKey(event, index)}
          onFocus={() => onSelect(selected, index)}
        />
      ))}
    </>
  );
}

const WAYS: Readonly<Record<string, Corner>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
