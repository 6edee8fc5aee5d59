import type { AuditAnswer, AuditClip } from '../../audit/audits.js';
import type { AuditSummary } from '../../audit/score.js';
import type { CameraStatus } from '../../status/agent-status.js';
import { fill, type WORDS } from '../words.js';

type Words = (typeof WORDS)['en'];

/** What the machine counted in a clip, beside what the person counted. */
export function Outcome(props: { answer: AuditAnswer; clip: AuditClip; words: Words }) {
  const { answer, clip, words } = props;
  const { person, machine, score } = answer;
  const same = score.missed + score.extra + score.wrongWay === 0;
  return (
    <>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{clip.directions.in}</th>
            <th scope="col">{clip.directions.out}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{words.auditYou}</th>
            <td>{person.in}</td>
            <td>{person.out}</td>
          </tr>
          <tr>
            <th scope="row">{words.auditMachine}</th>
            <td data-testid="audit-machine-in">{machine.in}</td>
            <td data-testid="audit-machine-out">{machine.out}</td>
          </tr>
        </tbody>
      </table>
      <p class={same ? 'good' : 'problem'} role="status" data-testid="audit-result" data-same={same}>
        <span aria-hidden="true">{same ? '✔ ' : '▲ '}</span>
        {same ? words.auditRight : fill(words.auditWrong, { ...score })}
      </p>
    </>
  );
}

/** What all checked clips of a camera's lines say together. */
export function Summary(props: { summary: readonly AuditSummary[]; camera: CameraStatus; words: Words }) {
  const { summary, camera, words } = props;
  if (summary.length === 0) return null;
  const nameOf = (id: string) => camera.lines.find((line) => line.id === id)?.name ?? id;
  return (
    <table data-testid="audit-summary">
      <caption>{words.auditSummary}</caption>
      <thead>
        <tr>
          <th scope="col">{words.line}</th>
          <th scope="col">{words.auditEvents}</th>
          <th scope="col">{words.auditBound}</th>
          <th scope="col">{words.auditNear}</th>
        </tr>
      </thead>
      <tbody>
        {summary.map(({ line, crossing, near }) => (
          <tr key={line} data-line={line}>
            <th scope="row">{nameOf(line)}</th>
            <td>{crossing.accuracy === null ? '–' : `${crossing.right}/${eventsOf(crossing)}`}</td>
            <td>{crossing.accuracy === null ? '–' : `${(100 * crossing.accuracy.low).toFixed(1)} %`}</td>
            <td>{near.clips === 0 ? '–' : fill(words.auditNearOf, near)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function eventsOf({ right, missed, extra, wrongWay }: AuditSummary['crossing']): number {
  return right + missed + extra + wrongWay;
}
