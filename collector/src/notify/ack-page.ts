import type { MessageLanguage } from '../schema/notification-words.js';
import { escaped } from './html.js';

const WORDS = {
  en: {
    title: 'Acknowledge',
    ask: 'Acknowledge this? Whoever is on call after you is not paged any more.',
    button: 'Acknowledge',
    done: 'Acknowledged. Thank you.',
    already: 'This link was used already, or it has expired. Log in to the console to acknowledge.',
    unknown: 'There is no such link. Open the newest message, or log in to the console.',
    busy: 'Too many wrong links came from here. Try again in ten minutes.',
    console: 'Open the incident',
  },
  vi: {
    title: 'Xác nhận',
    ask: 'Xác nhận sự cố này? Người trực tiếp theo sẽ không bị gọi nữa.',
    button: 'Xác nhận',
    done: 'Đã xác nhận. Cảm ơn bạn.',
    already: 'Liên kết này đã được dùng hoặc đã hết hạn. Hãy đăng nhập bảng điều khiển để xác nhận.',
    unknown: 'Không có liên kết này. Hãy mở tin nhắn mới nhất hoặc đăng nhập bảng điều khiển.',
    busy: 'Có quá nhiều liên kết sai từ đây. Hãy thử lại sau mười phút.',
    console: 'Mở sự cố',
  },
} as const;

/** What the page shows. */
export interface AckPage {
  /** Both languages where nobody knows whose link it was. */
  readonly languages: readonly MessageLanguage[];
  readonly what: 'ask' | 'done' | 'already' | 'unknown' | 'busy';
  /** The message that the link came with. */
  readonly subject?: string;
  readonly incidentUrl?: string | undefined;
  /** Why it could not be done, instead of `what`. */
  readonly problem?: string;
}

const STYLE = `body{font-family:system-ui,sans-serif;max-width:34rem;margin:8vh auto;padding:0 1rem;line-height:1.5}
h1{font-size:1.25rem;line-height:1.4;overflow-wrap:anywhere}
button{font:inherit;font-weight:600;padding:.8rem 1.4rem;border:0;border-radius:.4rem;background:#087f5b;color:#fff;min-height:3.5rem;width:100%}
a{color:#0b7285}
@media(prefers-color-scheme:dark){body{background:#1a1b1e;color:#eee}a{color:#66d9e8}}`;

/** A page without a script: it works in every mail program's browser. @param nonce of the answer's style */
export function ackPage({ languages, what, subject, incidentUrl, problem }: AckPage, nonce: string): string {
  const [first = 'en'] = languages;
  const body = languages.map((language) => {
    const words = WORDS[language];
    const button =
      what === 'ask' ? `<form method="post"><button autofocus>${words.button}</button></form>` : '';
    const link =
      incidentUrl === undefined ? '' : `<p><a href="${escaped(incidentUrl)}">${words.console}</a></p>`;
    return `<section lang="${language}"><p role="status">${escaped(problem ?? words[what])}</p>${button}${link}</section>`;
  });
  return [
    `<!doctype html><html lang="${first}"><head><meta charset="utf-8"><title>${WORDS[first].title} – Headcount</title>`,
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">',
    `<style nonce="${nonce}">${STYLE}</style></head><body><main>`,
    `<h1>${escaped(subject ?? 'Headcount')}</h1>`,
    ...body,
    '</main></body></html>',
  ].join('\n');
}
