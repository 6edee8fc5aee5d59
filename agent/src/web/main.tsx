import './page.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StatusAnswer } from '../status/agent-status.js';
import { ApiError, fetchStatus, logOut } from './api.js';
import { StatusView } from './status-view.js';
import { timeOf } from './time.js';
import { fill, WORDS, type Language } from './words.js';

const REFRESH_MS = 2000;
const STORAGE_KEY = 'headcount-language';

function firstLanguage(): Language {
  const wanted = localStorage.getItem(STORAGE_KEY) ?? navigator.language.slice(0, 2);
  return wanted === 'vi' ? 'vi' : 'en';
}

function Page() {
  const [language, setLanguage] = useState(firstLanguage);
  const [status, setStatus] = useState<StatusAnswer>();
  /** Since when the gateway gives no answer (UTC ms). */
  const [silentSince, setSilentSince] = useState<number>();
  const words = WORDS[language];

  useEffect(() => {
    const refresh = async () => {
      try {
        setStatus(await fetchStatus());
        setSilentSince(undefined);
      } catch (error) {
        // The login has ended: every address is the login page now.
        if (error instanceof ApiError && error.status === 401) location.reload();
        setSilentSince((since) => since ?? Date.now());
      }
    };
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(STORAGE_KEY, language);
  }, [language]);

  const leave = async () => {
    await logOut();
    location.reload();
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
        {status !== undefined && (
          <button type="button" onClick={() => void leave()}>
            {words.logOut}
          </button>
        )}
      </header>
      <main>
        {silentSince !== undefined && (
          <p class="card problem lost" role="alert" data-testid="connection-lost">
            ▲ {fill(words.stale, { time: timeOf(silentSince, language) })}
          </p>
        )}
        {status !== undefined && (
          <div class="content" data-stale={silentSince !== undefined}>
            <StatusView status={status} words={words} language={language} />
          </div>
        )}
      </main>
    </>
  );
}

const root = document.getElementById('root');
if (root !== null) render(<Page />, root);
