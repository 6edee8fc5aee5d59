import { renderSVG, renderUnicodeCompact } from 'uqr';
import { html, Html } from '../evaluate/report/html.js';
import { LABEL_STYLE } from './label-style.js';

/** What stands on the label of one gateway. */
export interface Label {
  readonly gateway: string;
  /** Addresses of the status page, the one for the QR code first; at least one. */
  readonly urls: readonly string[];
  /** SHA-256 of the page's certificate, or undefined for plain HTTP. */
  readonly fingerprint: string | undefined;
  /** Only where the box hangs behind a locked door. */
  readonly pin: string | undefined;
  /** Whom to call, in the words of whoever runs the gateways. */
  readonly support: string | undefined;
  readonly serial: string | undefined;
  readonly mac: string | undefined;
}

/** Labels on one A4 sheet: two columns of four, 99.1 mm x 67.7 mm each (the common L7165 format). */
export const LABELS_PER_SHEET = 8;
/** Addresses for which there is room. */
const MAX_URLS = 3;
/** Pairs of hex digits of the fingerprint in a group that the eye can hold, and groups in a line. */
const PAIRS_PER_GROUP = 2;
const GROUPS_PER_LINE = 8;

/** English and Vietnamese, because whoever stands before the box may read either. */
const WORDS = {
  gateway: 'Gateway / Thiết bị đếm người',
  open: 'Status page / Trang trạng thái',
  fingerprint: 'Certificate SHA-256 / Vân tay chứng chỉ',
  compare: 'Compare before you type the PIN. / So khớp trước khi nhập mã PIN.',
  plain: 'Not encrypted: only in a trusted network. / Không mã hoá: chỉ dùng trong mạng tin cậy.',
  pin: 'PIN / Mã PIN',
  support: 'Support / Hỗ trợ',
  serial: 'Serial number / Số sê-ri',
  mac: 'MAC',
};

/**
 * The addresses under which a phone opens the status page.
 * @param host `status.host` of the configuration
 * @throws Error when the page can be reached from the box itself only
 */
export function statusUrls(
  status: { readonly host: string; readonly port: number; readonly secure: boolean },
  box: { readonly hostname: string; readonly addresses: readonly string[] },
): string[] {
  const { host, port, secure } = status;
  if (/^(127\.|::1$|localhost$)/.test(host)) {
    throw new Error(
      `status.host is ${host}: the page can be opened on this box only; set 0.0.0.0 to print a label`,
    );
  }
  const everywhere = host === '0.0.0.0' || host === '::';
  const hosts = everywhere ? [...byFamily(box.addresses), `${box.hostname}.local`] : [host];
  return hosts.map((name) => `${secure ? 'https' : 'http'}://${bracketed(name)}:${port}/`);
}

/** A fingerprint in lines of groups that can be compared one by one. */
export function fingerprintLines(fingerprint: string): string[] {
  const pairs = fingerprint.split(':');
  const groups = chunks(pairs, PAIRS_PER_GROUP).map((group) => group.join(''));
  return chunks(groups, GROUPS_PER_LINE).map((line) => line.join(' '));
}

/** A sheet for the printer. @param copies 1 to {@link LABELS_PER_SHEET} */
export function htmlLabel(label: Label, copies: number): string {
  const one = htmlOf(label);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${label.gateway}</title>
        <style>
          ${new Html(LABEL_STYLE)}
        </style>
      </head>
      <body>
        ${Array.from({ length: copies }, () => one)}
      </body>
    </html>`.text;
}

/** The same for a terminal, with a QR code that a phone can read from the screen. */
export function textLabel(label: Label): string {
  const rows = rowsOf(label).map(([name, value]) => `${name}: ${value}`);
  const { fingerprint } = label;
  const trust =
    fingerprint === undefined
      ? [WORDS.plain]
      : [`${WORDS.fingerprint}:`, ...fingerprintLines(fingerprint).map((line) => `  ${line}`), WORDS.compare];
  return [
    `${WORDS.gateway}: ${label.gateway}`,
    `${WORDS.open}:`,
    ...shownUrls(label).map((url) => `  ${url}`),
    ...trust,
    ...rows,
    '',
    renderUnicodeCompact(label.urls[0] ?? '', { border: 2 }),
  ].join('\n');
}

function htmlOf(label: Label): Html {
  const code = new Html(renderSVG(label.urls[0] ?? '', { border: 2, ecc: 'M' }));
  const rows = rowsOf(label).map(([name, value]) => html`<p><b>${name}</b> ${value}</p>`);
  return html`<section class="label">
    <h1><small>${WORDS.gateway}</small>${label.gateway}</h1>
    <div class="code">${code}</div>
    <div class="urls">
      <b>${WORDS.open}</b>
      ${shownUrls(label).map((url) => html`<code>${url}</code>`)}
    </div>
    <div class="trust">${trustOf(label.fingerprint)}</div>
    <div class="rows">${rows}</div>
  </section>`;
}

function trustOf(fingerprint: string | undefined): Html {
  if (fingerprint === undefined) return html`<p>${WORDS.plain}</p>`;
  const lines = fingerprintLines(fingerprint).map((line) => html`<code>${line}</code>`);
  return html`<b>${WORDS.fingerprint}</b>${lines}
    <p>${WORDS.compare}</p>`;
}

function rowsOf({ pin, support, serial, mac }: Label): [string, string][] {
  const rows: [string, string | undefined][] = [
    [WORDS.pin, pin],
    [WORDS.support, support],
    [WORDS.serial, serial],
    [WORDS.mac, mac],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** The name comes last and must stay: it outlives every address. */
function shownUrls({ urls }: Label): string[] {
  return urls.length <= MAX_URLS ? [...urls] : [...urls.slice(0, MAX_URLS - 1), ...urls.slice(-1)];
}

/** IPv4 first: shorter to type and to scan. */
function byFamily(addresses: readonly string[]): string[] {
  return [...addresses].sort((one, other) => Number(one.includes(':')) - Number(other.includes(':')));
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
