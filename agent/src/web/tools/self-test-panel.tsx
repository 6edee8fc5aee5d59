import { useEffect, useRef, useState } from 'preact/hooks';
import { passed } from '../../self-test/run.js';
import { STEPS, type StepResult } from '../../self-test/steps.js';
import { STEP_RESULT_WORDS, STEP_WORDS } from '../../self-test/words.js';
import { runSelfTest } from '../api.js';
import { Problem, problemOf } from '../problem.js';
import { fill, type Language, type WORDS } from '../words.js';

const MARKS = { good: '✔', bad: '▲', skipped: '–' } as const;
const COLOURS = { good: 'good', bad: 'bad', skipped: 'unknown' } as const;

/** The way to the collector, step by step; each result appears when it is there. */
export function SelfTestPanel({ words, language }: { words: (typeof WORDS)['en']; language: Language }) {
  const [results, setResults] = useState<readonly StepResult[]>();
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState('');
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);

  const run = async () => {
    setRunning(true);
    setProblem('');
    setResults([]);
    try {
      await runSelfTest(abort.current.signal, (result) => setResults((known = []) => [...known, result]));
    } catch (error) {
      setProblem(problemOf(error, words));
    }
    setRunning(false);
  };
  const done = results?.length === STEPS.length;
  return (
    <div data-testid="self-test">
      <div class="buttons">
        <button type="button" disabled={running} data-testid="self-test-run" onClick={() => void run()}>
          {running ? words.selfTestRuns : words.selfTest}
        </button>
      </div>
      {results !== undefined && (
        <ol class="steps" aria-live="polite">
          {STEPS.map((step) => (
            <StepLine
              key={step}
              name={STEP_WORDS[language][step]}
              result={results.find((one) => one.step === step)}
              language={language}
            />
          ))}
        </ol>
      )}
      {done && (
        <p class={passed(results) ? 'good' : 'problem'} role="status" data-testid="self-test-result">
          {passed(results) ? `✔ ${words.selfTestGood}` : `▲ ${words.selfTestBad}`}
        </p>
      )}
      <Problem text={problem} />
    </div>
  );
}

function StepLine(props: { name: string; result: StepResult | undefined; language: Language }) {
  const { name, result, language } = props;
  if (result === undefined)
    return (
      <li class="verdict">
        <span class="unknown" aria-hidden="true">
          …
        </span>
        <strong>{name}</strong>
      </li>
    );
  const { step, outcome, code, values, ms } = result;
  const [says, next] = STEP_RESULT_WORDS[language][code];
  return (
    <li class="verdict" data-testid="step" data-step={step} data-outcome={outcome} data-code={code}>
      <span class={COLOURS[outcome]} aria-hidden="true">
        {MARKS[outcome]}
      </span>
      <div>
        <strong>{name}</strong> {ms !== null && <span class="faint">{ms} ms</span>}
        <div>{fill(says, values)}</div>
        {next !== '' && <div class="next">→ {next}</div>}
      </div>
    </li>
  );
}
