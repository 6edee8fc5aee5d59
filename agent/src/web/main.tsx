import './page.css';
import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { StatusAnswer } from '../status/agent-status.js';
import { ApiError, fetchStatus, logOut } from './api.js';
import { LoginForm } from './login-form.js';
import { StatusView } from './status-view.js';
import { WORDS, type Language } from './words.js';

const REFRESH_MS = 2000;
const STORAGE_KEY = 'headcount-language';

function firstLanguage(): Language {
  const wanted = localStorage.getItem(STORAGE_KEY) ?? navigator.language.slice(0, 2);
  return wanted === 'vi' ? 'vi' : 'en';
}

function Page() {
  const [language, setLanguage] = useState(firstLanguage);
  const [status, setStatus] = useState<StatusAnswer>();
  const [needsLogin, setNeedsLogin] = useState(false);
  const [reachable, setReachable] = useState(true);
  const words = WORDS[language];

  const refresh = useCallback(async () => {
    try {
      setStatus(await fetchStatus());
      setNeedsLogin(false);
      setReachable(true);
    } catch (error) {
      const known = error instanceof ApiError ? error.status : 0;
      setNeedsLogin(known === 401 || known === 429);
      setReachable(known !== 0);
    }
  }, []);

  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(STORAGE_KEY, language);
  }, [language]);

  useEffect(() => {
    void refresh();
    if (needsLogin) return undefined;
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [needsLogin, refresh]);

  const leave = async () => {
    await logOut();
    setStatus(undefined);
    setNeedsLogin(true);
  };

  return (
    <>
      <header>
        <img src="/icon.svg" alt="" width={28} height={28} />
        <h1>
          {words.title} {status?.gateway ?? ''}
        </h1>
        <button
          type="button"
          lang={language === 'en' ? 'vi' : 'en'}
          data-testid="language"
          onClick={() => setLanguage(language === 'en' ? 'vi' : 'en')}
        >
          {language === 'en' ? 'Tiếng Việt' : 'English'}
        </button>
        {status !== undefined && !needsLogin && (
          <button type="button" onClick={() => void leave()}>
            {words.logOut}
          </button>
        )}
      </header>
      <main>
        {!reachable && (
          <p class="problem" role="alert">
            ▲ {words.unreachable}
          </p>
        )}
        {needsLogin && <LoginForm words={words} onDone={() => setNeedsLogin(false)} />}
        {status !== undefined && !needsLogin && (
          <StatusView status={status} words={words} language={language} />
        )}
      </main>
    </>
  );
}

const root = document.getElementById('root');
if (root !== null) render(<Page />, root);
