import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SignedWalkTest, Walked } from '../../commissioning/walk-test.js';
import type { CameraStatus, LineStatus } from '../../status/agent-status.js';
import { cancelWalkTest, fetchWalkTest, finishWalkTest, startWalkTest } from '../api.js';
import { Problem, problemOf } from '../problem.js';
import { fill, type WORDS } from '../words.js';

type Words = (typeof WORDS)['en'];

/** Ticks should come while the technician still stands behind the line (ms). */
const REFRESH_MS = 500;
const NOBODY: Walked = { in: 0, out: 0 };
const WAYS = ['in', 'out'] as const;

/** Walk over a line and see at once what the machine counts; the result is signed and sent. */
export function WalkPanel(props: { camera: CameraStatus; words: Words; onClose: () => void }) {
  const { camera, words, onClose } = props;
  const [lineId, setLineId] = useState(camera.lines[0]?.id ?? '');
  const [counted, setCounted] = useState<Walked>();
  const [taps, setTaps] = useState<readonly (typeof WAYS)[number][]>([]);
  const [signed, setSigned] = useState<SignedWalkTest>();
  const [problem, setProblem] = useState('');
  const line = camera.lines.find(({ id }) => id === lineId);
  const running = counted !== undefined && signed === undefined;

  const attempt = useCallback(
    async (work: () => Promise<void>) => {
      try {
        await work();
        setProblem('');
      } catch (error) {
        setProblem(problemOf(error, words));
      }
    },
    [words],
  );
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      void attempt(async () => {
        const test = await fetchWalkTest();
        if (test !== null) setCounted(test.counted);
      });
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [running, attempt]);

  if (line === undefined) return null;
  const walked = {
    in: taps.filter((way) => way === 'in').length,
    out: taps.filter((way) => way === 'out').length,
  };
  const start = () =>
    attempt(async () => {
      setSigned(undefined);
      setTaps([]);
      setCounted((await startWalkTest(camera.id, lineId)).counted);
    });
  const finish = () => attempt(async () => setSigned(await finishWalkTest(walked)));
  const close = () => {
    if (running) void attempt(cancelWalkTest);
    onClose();
  };
  return (
    <div class="walk" data-testid="walk-panel">
      <div class="chips">
        {camera.lines.map(({ id, name }) => (
          <button
            type="button"
            key={id}
            class="chip line"
            aria-pressed={id === lineId}
            disabled={running}
            onClick={() => setLineId(id)}
          >
            {name}
          </button>
        ))}
      </div>
      <p class="faint">{fill(words.walkHelp, { line: line.name })}</p>
      {running && (
        <Tally
          line={line}
          walked={walked}
          counted={counted}
          words={words}
          onTap={(way) => setTaps([...taps, way])}
        />
      )}
      {signed !== undefined && <Result signed={signed} words={words} />}
      <Problem text={problem} />
      <div class="buttons">
        {running ? (
          <>
            <button
              type="button"
              class="primary"
              disabled={taps.length === 0}
              data-testid="walk-finish"
              onClick={() => void finish()}
            >
              {words.walkFinish}
            </button>
            <button type="button" disabled={taps.length === 0} onClick={() => setTaps(taps.slice(0, -1))}>
              {words.undo}
            </button>
          </>
        ) : (
          <button type="button" class="primary" data-testid="walk-start" onClick={() => void start()}>
            {words.walkStart}
          </button>
        )}
        <button type="button" onClick={close}>
          {words.close}
        </button>
      </div>
    </div>
  );
}

function Tally(props: {
  line: LineStatus;
  walked: Walked;
  counted: Walked | undefined;
  words: Words;
  onTap: (way: (typeof WAYS)[number]) => void;
}) {
  const { line, walked, counted = NOBODY, words, onTap } = props;
  return (
    <div class="pair">
      {WAYS.map((way) => (
        <button
          type="button"
          key={way}
          class={`tap ${walked[way] === counted[way] ? 'good' : ''}`}
          data-testid={`walk-${way}`}
          onClick={() => onTap(way)}
        >
          <strong>{line.directions[way]}</strong>
          <span>
            {words.walkMe}: <b>{walked[way]}</b>
          </span>
          <span aria-live="polite">
            {words.walkMachine}: <b data-testid={`counted-${way}`}>{counted[way]}</b>
          </span>
        </button>
      ))}
    </div>
  );
}

function Result({ signed: { result }, words }: { signed: SignedWalkTest; words: Words }) {
  const { walked, counted, passed } = result;
  const text = passed
    ? fill(words.walkPassed, { n: walked.in + walked.out })
    : fill(words.walkFailed, {
        inWalked: walked.in,
        outWalked: walked.out,
        inCounted: counted.in,
        outCounted: counted.out,
      });
  return (
    <p class={passed ? 'good' : 'problem'} role="status" data-testid="walk-result" data-passed={passed}>
      <span aria-hidden="true">{passed ? '✔ ' : '▲ '}</span>
      {text}
    </p>
  );
}
