import { LOGIN_WORDS, type LoginProblem } from './login-words.js';

/** What the login page shows. */
export interface LoginPageOptions {
  /** The browser's Accept-Language; Vietnamese where it begins with "vi". */
  readonly language: string | undefined;
  readonly problem?: LoginProblem;
}

/**
 * The page that asks for the PIN: one answer without script, picture or second request, so that nothing else has to be
 * open. A browser gets it at every address until it has logged in.
 */
export function loginPage({ language, problem }: LoginPageOptions): string {
  const own = language?.toLowerCase().startsWith('vi') === true ? 'vi' : 'en';
  const other = own === 'vi' ? 'en' : 'vi';
  const words = LOGIN_WORDS[own];
  const second = LOGIN_WORDS[other];
  const alert =
    problem === undefined
      ? ''
      : `<p class="problem" role="alert" data-testid="login-problem">▲ ${words[problem.kind](problem.n)}
<span lang="${other}">${second[problem.kind](problem.n)}</span></p>`;
  return `<!doctype html>
<html lang="${own}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${words.title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${words.title}</h1>
<form method="post" action="/api/session" data-testid="pin-form">
<label for="pin">${words.pin} <span lang="${other}">${second.pin}</span></label>
<input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="current-password" required maxlength="64" autofocus${problem === undefined ? '' : ' aria-invalid="true"'}>
${alert}
<button type="submit">${words.logIn} <span lang="${other}">${second.logIn}</span></button>
<p class="faint">${words.where} <span lang="${other}">${second.where}</span></p>
</form>
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 18px/1.45 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f1f3f5, #141517); color: light-dark(#1a1b1e, #e9ecef); }
main { max-width: 360px; margin: 6vh auto 0; padding: 16px; }
h1 { font-size: 1.3rem; }
form { display: grid; gap: 14px; padding: 18px; border-radius: 12px; background: light-dark(#fff, #25262b);
  border: 1px solid light-dark(#ced4da, #42454c); }
input, button { font: inherit; min-height: 52px; box-sizing: border-box; width: 100%; border-radius: 10px; }
input { font-size: 1.5rem; letter-spacing: .25em; padding: 8px 14px; color: inherit; background: transparent;
  border: 2px solid light-dark(#868e96, #868e96); }
button { border: 0; color: #fff; background: #0b7285; font-weight: 600; cursor: pointer; }
span { display: block; font-size: .8rem; font-weight: 400; opacity: .8; }
p { margin: 0; }
.problem { color: light-dark(#b01c1c, #ff8787); font-weight: 600; }
.faint { font-size: .85rem; color: light-dark(#495057, #adb5bd); }
:focus-visible { outline: 3px solid #1098ad; outline-offset: 2px; }`;
