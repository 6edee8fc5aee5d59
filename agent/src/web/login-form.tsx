import { useState } from 'preact/hooks';
import { ApiError, logIn } from './api.js';
import type { WORDS } from './words.js';

/** Asks for the PIN. */
export function LoginForm({ words, onDone }: { words: (typeof WORDS)['en']; onDone: () => void }) {
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await logIn(pin);
      onDone();
    } catch (error) {
      setPin('');
      setProblem(error instanceof ApiError && error.status !== 0 ? error.message : words.unreachable);
    }
  };
  return (
    <form class="card login" data-testid="pin-form" onSubmit={(event) => void submit(event)}>
      <label for="pin">{words.pin}</label>
      <input
        id="pin"
        type="password"
        inputMode="numeric"
        autoComplete="current-password"
        required
        value={pin}
        onInput={(event) => setPin(event.currentTarget.value)}
      />
      {problem !== '' && (
        <p class="problem" role="alert">
          ▲ {problem}
        </p>
      )}
      <button type="submit" class="primary">
        {words.logIn}
      </button>
    </form>
  );
}
