import { useEffect, useState } from 'preact/hooks';
import type { AuditClip } from '../../audit/audits.js';

/** Length of the arrow that shows which way is in, as a share of the clip's width. */
const ARROW = 0.09;

/** Plays the strip of a clip again and again, with the line over it. */
export function ClipPlayer(props: { clip: AuditClip; playing: boolean; label: string }) {
  const { clip, playing, label } = props;
  const { id, from, to, frames, width, height } = clip;
  const [frame, setFrame] = useState(0);
  useEffect(() => setFrame(0), [id]);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => setFrame((shown) => (shown + 1) % frames), (to - from) / frames);
    return () => clearInterval(timer);
  }, [playing, frames, from, to]);
  return (
    <div>
      <svg
        class="clip"
        data-testid="audit-clip"
        data-frame={frame}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
      >
        <image
          href={`/api/audit/${id}/clip.jpg`}
          y={-frame * height}
          width={width}
          height={height * frames}
          preserveAspectRatio="none"
        />
        <DrawnLine clip={clip} />
      </svg>
      <progress value={frame + 1} max={frames} aria-hidden="true" />
    </div>
  );
}

/** The line with an arrow towards "in": the right-hand side of somebody who walks along it; y grows downwards. */
function DrawnLine({ clip: { path, width, height, directions } }: { clip: AuditClip }) {
  const points = path.map(([x, y]) => ({ x: x * width, y: y * height }));
  const middle = Math.floor((points.length - 1) / 2);
  const [from, to] = [points[middle], points[middle + 1]];
  if (from === undefined || to === undefined) return null;
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const right = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const start = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const reach = ARROW * width;
  const tip = { x: start.x + right.x * reach, y: start.y + right.y * reach };
  const wing = (side: 1 | -1) => {
    const x = tip.x - right.x * reach * 0.35 + side * right.y * reach * 0.25;
    const y = tip.y - right.y * reach * 0.35 - side * right.x * reach * 0.25;
    return `${x},${y}`;
  };
  return (
    <g class="clip-line">
      <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
      <polyline points={`${start.x},${start.y} ${tip.x},${tip.y}`} />
      <polyline points={`${wing(1)} ${tip.x},${tip.y} ${wing(-1)}`} />
      <text x={tip.x + right.x * 12} y={tip.y + right.y * 12 + 5}>
        {directions.in}
      </text>
    </g>
  );
}
