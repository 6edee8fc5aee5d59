import type { CameraStatus, ZoneStatus } from '../status/agent-status.js';
import { adviceText } from './advice-words.js';
import { fill, type Language, type WORDS } from './words.js';

type Words = (typeof WORDS)['en'];

/** What the lines of a camera have counted. */
export function Lines({ camera, words }: { camera: CameraStatus; words: Words }) {
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
        {camera.lines.map(({ id, name, directions, totals }) => (
          <tr key={id} data-testid="line-counts" data-line={id} data-in={totals.in} data-out={totals.out}>
            <th scope="row">{name}</th>
            <td>
              {totals.in} <Direction name={directions.in} usual="in" />
            </td>
            <td>
              {totals.out} <Direction name={directions.out} usual="out" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What people call a direction, where that says more than the heading does. */
function Direction({ name, usual }: { name: string; usual: string }) {
  return name === usual ? null : <span class="faint">{name}</span>;
}

/** Who is in the zones of a camera. */
export function Zones({ camera, words }: { camera: CameraStatus; words: Words }) {
  return (
    <table>
      <caption>{words.zonesNow}</caption>
      <thead>
        <tr>
          <th scope="col">{words.zone}</th>
          <th scope="col">{words.inside}</th>
          <th scope="col">{words.waiting}</th>
          <th scope="col">{words.entries}</th>
          <th scope="col">{words.exits}</th>
        </tr>
      </thead>
      <tbody>
        {camera.zones.map((zone) => (
          <tr key={zone.id} data-testid="zone-counts" data-zone={zone.id} data-over={zone.over}>
            <th scope="row">
              {zone.name}
              {zone.over && (
                <div class="bad">
                  <span aria-hidden="true">▲ </span>
                  {words.over}
                </div>
              )}
            </th>
            <td>{insideText(zone, words)}</td>
            <td>{zone.queue ?? '–'}</td>
            <td>{zone.totals.entries}</td>
            <td>{zone.totals.exits}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function insideText({ occupancy, capacity }: ZoneStatus, words: Words): string {
  const n = occupancy ?? '–';
  return capacity === null ? String(n) : fill(words.capacity, { n, capacity });
}

/** The frame rate that the most demanding line of a camera needs. */
export function NeededFps({ camera, words }: { camera: CameraStatus; words: Words }) {
  const rates = camera.lines.map(({ neededFps }) => neededFps);
  const text = rates.includes(null)
    ? words.neededNone
    : fill(words.needed, { n: Math.ceil(Math.max(...rates.map(Number))) });
  return (
    <p class="faint" data-testid="needed-fps">
      {text}
    </p>
  );
}

/** What should be drawn or set differently, line by line; nothing when all is well. */
export function Advice({
  camera,
  words,
  language,
}: {
  camera: CameraStatus;
  words: Words;
  language: Language;
}) {
  const open = [...camera.lines, ...camera.zones].flatMap(({ name, advice }) =>
    advice.map((one) => ({ name, text: adviceText(one, language) })),
  );
  if (open.length === 0) return null;
  return (
    <details class="problem" data-testid="geometry-advice" open>
      <summary>
        <span aria-hidden="true">▲ </span>
        {words.drawing}
      </summary>
      <ul>
        {open.map(({ name, text }) => (
          <li key={`${name} ${text}`}>
            {name}: {text}
          </li>
        ))}
      </ul>
    </details>
  );
}
