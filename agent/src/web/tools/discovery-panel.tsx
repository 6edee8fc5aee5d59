import { useState } from 'preact/hooks';
import type { DeviceStreams, FoundDevice, OfferedStream } from '../../discovery/answers.js';
import type { TypedLogin } from '../../discovery/worker-messages.js';
import type { CameraStatus } from '../../status/agent-status.js';
import type { ProbedStream } from '../../status/discovery-routes.js';
import { askStreams, findCameras, probeStream } from '../api.js';
import { Problem, problemOf } from '../problem.js';
import { fill, type WORDS } from '../words.js';

type Words = (typeof WORDS)['en'];

/** Finds cameras in the network, shows their streams and says whether one is good for counting. */
export function DiscoveryPanel({ cameras, words }: { cameras: readonly CameraStatus[]; words: Words }) {
  const [devices, setDevices] = useState<readonly FoundDevice[]>();
  const [chosen, setChosen] = useState('');
  const [url, setUrl] = useState('');
  const [login, setLogin] = useState<TypedLogin>({ user: '', password: '' });
  const question = useQuestion(words);
  const find = () =>
    question.ask('find', async () => {
      setDevices(undefined);
      setDevices(await findCameras());
    });
  return (
    <div data-testid="discovery">
      <div class="buttons">
        <button type="button" disabled={question.busy !== ''} data-testid="find" onClick={() => void find()}>
          {question.busy === 'find' ? words.finding : words.find}
        </button>
      </div>
      <Problem text={question.problem} />
      {devices !== undefined && (
        <>
          <p role="status">
            {devices.length === 0 ? words.foundNone : fill(words.found, { n: devices.length })}
          </p>
          <div class="chips">
            {devices.map((device) => (
              <button
                type="button"
                key={device.id}
                class="chip"
                data-testid="device"
                aria-pressed={chosen === device.id}
                onClick={() => setChosen(device.id)}
              >
                <strong>{device.name || device.model || device.address}</strong>
                <br />
                <small>
                  {device.model} {device.address}
                  <Known device={device} cameras={cameras} words={words} />
                </small>
              </button>
            ))}
          </div>
          <LoginFields login={login} words={words} onChange={setLogin} />
          <Streams
            key={chosen}
            device={devices.find(({ id }) => id === chosen)}
            {...{ login, words }}
            onChoose={setUrl}
          />
          <Probe key={url} {...{ url, login, words }} />
        </>
      )}
    </div>
  );
}

/** Addresses of one camera may hold several channels; each that is counted already is named. */
function Known(props: { device: FoundDevice; cameras: readonly CameraStatus[]; words: Words }) {
  const names = props.cameras.filter(({ address }) => address === props.device.address);
  if (names.length === 0) return null;
  return <> · {fill(props.words.counted, { name: names.map(({ name }) => name).join(', ') })}</>;
}

function LoginFields(props: { login: TypedLogin; words: Words; onChange: (login: TypedLogin) => void }) {
  const { login, words, onChange } = props;
  return (
    <div class="fields">
      <div class="pair">
        <label>
          {words.cameraUser}
          <input
            value={login.user}
            autoComplete="off"
            onInput={(event) => onChange({ ...login, user: event.currentTarget.value })}
          />
        </label>
        <label>
          {words.cameraPassword}
          <input
            type="password"
            value={login.password}
            autoComplete="off"
            onInput={(event) => onChange({ ...login, password: event.currentTarget.value })}
          />
        </label>
      </div>
      <p class="faint">{words.kept}</p>
    </div>
  );
}

function Streams(props: {
  device: FoundDevice | undefined;
  login: TypedLogin;
  words: Words;
  onChoose: (url: string) => void;
}) {
  const { device, login, words, onChoose } = props;
  const [answer, setAnswer] = useState<DeviceStreams>();
  const question = useQuestion(words);
  if (device === undefined) return null;
  const ask = () =>
    question.ask('streams', async () => setAnswer(await askStreams(device.service, typed(login))));
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          disabled={question.busy !== ''}
          data-testid="ask-streams"
          onClick={() => void ask()}
        >
          {question.busy === 'streams' ? words.asking : words.askStreams}
        </button>
      </div>
      <Problem text={question.problem} />
      {answer !== undefined && (
        <ul class="plain" data-testid="streams">
          {answer.streams.map((stream) => (
            <li key={stream.url}>
              <button type="button" onClick={() => onChoose(stream.url)}>
                {stream.name}
              </button>{' '}
              {offered(stream, words)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Probe(props: { url: string; login: TypedLogin; words: Words }) {
  const { login, words } = props;
  const [url, setUrl] = useState(props.url);
  const [answer, setAnswer] = useState<ProbedStream>();
  const question = useQuestion(words);
  const ask = () =>
    question.ask('probe', async () => {
      setAnswer(undefined);
      setAnswer(await probeStream(url, typed(login)));
    });
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <label>
        {words.streamAddress}
        <input
          type="url"
          required
          placeholder="rtsp://192.0.2.10:554/…"
          value={url}
          onInput={(event) => setUrl(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={question.busy !== ''} data-testid="probe">
        {question.busy === 'probe' ? words.asking : words.probe}
      </button>
      <Problem text={question.problem} testId="probe-problem" />
      {answer !== undefined && (
        <div role="status" data-testid="probe-result">
          <p>{offered(answer, words)}</p>
          {answer.advice.length === 0 && <p class="good">✔ {words.probeFine}</p>}
          {answer.advice.map(({ code, values }) => (
            <p key={code} class="problem">
              ▲ {fill(words.streamAdvice[code], values)}
            </p>
          ))}
        </div>
      )}
    </form>
  );
}

function offered({ codec, width, height, fps }: Omit<OfferedStream, 'name' | 'url'>, words: Words): string {
  const values = { codec: codec ?? '?', width: width ?? '?', height: height ?? '?', fps: fps ?? '?' };
  return fill(words.offered, values);
}

function typed(login: TypedLogin): TypedLogin | undefined {
  return login.user === '' ? undefined : login;
}

/** One question at a time, with its problem in words: cameras and streams answer with a code. */
function useQuestion(words: Words) {
  const [busy, setBusy] = useState<'' | 'find' | 'streams' | 'probe'>('');
  const [failed, setFailed] = useState<unknown>();
  const ask = async (what: typeof busy, work: () => Promise<void>) => {
    setBusy(what);
    setFailed(undefined);
    try {
      await work();
    } catch (error) {
      setFailed(error);
    }
    setBusy('');
  };
  const said = failed === undefined ? '' : problemOf(failed, words);
  const causes: Readonly<Record<string, string>> = { ...words.advice, ...words.deviceProblems };
  return { busy, problem: causes[said] ?? said, ask };
}
