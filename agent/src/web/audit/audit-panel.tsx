import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { AuditAnswer, AuditClip } from '../../audit/audits.js';
import type { CameraStatus } from '../../status/agent-status.js';
import type { AuditList } from '../../status/audit-routes.js';
import { answerAudit, ApiError, fetchAudit } from '../api.js';
import { Problem, problemOf } from '../problem.js';
import { timeOf } from '../time.js';
import { fill, type Language, type WORDS } from '../words.js';
import { ClipPlayer } from './clip-player.js';
import { Outcome, Summary } from './outcome.js';

type Words = (typeof WORDS)['en'];
type Way = 'in' | 'out';
const WAYS = ['in', 'out'] as const;
/** While there is no clip it is asked again (ms). */
const REFRESH_MS = 5000;

interface Props {
  readonly camera: CameraStatus;
  readonly words: Words;
  readonly language: Language;
  readonly onClose: () => void;
}

/** Count on a clip without knowing what the machine counted, then compare. */
export function AuditPanel({ camera, words, language, onClose }: Props) {
  const [list, setList] = useState<AuditList>();
  const [clip, setClip] = useState<AuditClip>();
  const [answer, setAnswer] = useState<AuditAnswer>();
  const [problem, setProblem] = useState('');

  const load = useCallback(
    async (next: boolean) => {
      try {
        const now = await fetchAudit(camera.id);
        setList(now);
        if (next) {
          setClip(now.clips[0]);
          setAnswer(undefined);
          setProblem('');
        }
      } catch (error) {
        setProblem(problemOf(error, words));
      }
    },
    [camera.id, words],
  );
  useEffect(() => {
    if (clip !== undefined) return undefined;
    void load(true);
    const timer = setInterval(() => void load(true), REFRESH_MS);
    return () => clearInterval(timer);
  }, [clip, load]);

  const submit = async (id: string, taps: readonly Way[]) => {
    const person = {
      in: taps.filter((way) => way === 'in').length,
      out: taps.filter((way) => way === 'out').length,
    };
    try {
      setAnswer(await answerAudit(id, person));
      await load(false);
    } catch (error) {
      const gone = error instanceof ApiError && error.status === 404;
      setProblem(gone ? words.auditGone : words.unreachable);
      if (gone) setClip(undefined);
    }
  };
  const seconds = clip === undefined ? 0 : Math.round((clip.to - clip.from) / 1000);
  return (
    <div class="audit" data-testid="audit-panel">
      {clip === undefined && <p data-testid="audit-none">{words.auditNone}</p>}
      {clip !== undefined && (
        <>
          <p class="faint">{fill(words.auditHelp, { line: clip.name })}</p>
          <p class="faint">
            {fill(words.auditClip, {
              ...{ time: timeOf(clip.from, language), seconds, n: list?.clips.length ?? 0 },
            })}
          </p>
          <Counting
            key={clip.id}
            {...{ clip, words, answer }}
            onDone={(taps) => void submit(clip.id, taps)}
            onNext={() => void load(true)}
          />
        </>
      )}
      <Problem text={problem} />
      {list !== undefined && <Summary summary={list.summary} camera={camera} words={words} />}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </div>
  );
}

function Counting(props: {
  clip: AuditClip;
  words: Words;
  answer: AuditAnswer | undefined;
  onDone: (taps: readonly Way[]) => void;
  onNext: () => void;
}) {
  const { clip, words, answer, onDone, onNext } = props;
  const [taps, setTaps] = useState<readonly Way[]>([]);
  const [playing, setPlaying] = useState(true);
  const open = answer === undefined;
  // Before the picture is painted: the next key may come sooner, and must not be added to the taps before this one.
  useLayoutEffect(() => {
    const keys: Record<string, () => void> = {
      i: () => open && setTaps([...taps, 'in']),
      o: () => open && setTaps([...taps, 'out']),
      u: () => open && setTaps(taps.slice(0, -1)),
      ' ': () => setPlaying(!playing),
      Enter: () => (open ? onDone(taps) : onNext()),
    };
    const press = (event: KeyboardEvent) => {
      // A button that has the focus answers to space and Enter itself.
      const onButton = event.target instanceof HTMLButtonElement && [' ', 'Enter'].includes(event.key);
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act === undefined || onButton || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [taps, playing, open, onDone, onNext]);
  return (
    <>
      <ClipPlayer clip={clip} playing={playing} label={fill(words.auditPicture, { line: clip.name })} />
      {open ? (
        <>
          <div class="pair">
            {WAYS.map((way) => (
              <button
                type="button"
                key={way}
                class="tap"
                data-testid={`audit-${way}`}
                onClick={() => setTaps([...taps, way])}
              >
                <strong>{clip.directions[way]}</strong>
                <span>
                  {words.auditYou}: <b>{taps.filter((one) => one === way).length}</b>
                </span>
              </button>
            ))}
          </div>
          <div class="buttons">
            <button type="button" class="primary" data-testid="audit-done" onClick={() => onDone(taps)}>
              {taps.length === 0 ? words.auditNobody : words.auditDone}
            </button>
            <button type="button" disabled={taps.length === 0} onClick={() => setTaps(taps.slice(0, -1))}>
              {words.undo}
            </button>
            <button type="button" onClick={() => setPlaying(!playing)}>
              {playing ? words.auditPause : words.auditPlay}
            </button>
          </div>
          <p class="faint keys">{words.auditKeys}</p>
        </>
      ) : (
        <>
          <Outcome answer={answer} clip={clip} words={words} />
          <div class="buttons">
            <button type="button" class="primary" data-testid="audit-next" onClick={onNext}>
              {words.auditNext}
            </button>
          </div>
        </>
      )}
    </>
  );
}
