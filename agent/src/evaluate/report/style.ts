/** Style of the report: light or dark as the reader's system, narrow screens, paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2430; --soft: #566173; --line: #d4dae3; --card: #f5f7fa;
  --right: #00785a; --missed: #b3261e; --extra: #b25000; --turned: #7a3fa0; --optional: #6b7686;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --ink: #e6eaf0; --soft: #a3adbb; --line: #364050; --card: #1b212a;
    --right: #4cc9a0; --missed: #ff8a80; --extra: #ffb25c; --turned: #d19cf0; --optional: #9aa5b4;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, 'DejaVu Sans', sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p { margin: 0.5rem 0; }
.soft, small { color: var(--soft); }
.headline { font-size: 1.15rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.5rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
thead th { font-weight: 600; color: var(--soft); font-size: 0.85rem; overflow-wrap: normal; }
td small { display: block; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 2.5rem; }
th small { font-weight: 400; }
.zones table { min-width: 44rem; }
tr.all td, tr.all th { font-weight: 600; border-bottom: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0.5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
code { font: 0.85em/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; padding: 0; margin: 0.5rem 0; }
.icon { width: 1.1em; height: 1.1em; vertical-align: -0.2em; margin-right: 0.3em; }
.timeline { display: block; width: 100%; min-width: 38rem; font-size: 12px; }
.timeline text { fill: var(--soft); }
.timeline .tick { text-anchor: middle; }
.timeline .row, .timeline .axis { stroke: var(--line); fill: none; }
.timeline .join { stroke: var(--soft); fill: none; }
.right { fill: var(--right); }
.missed { fill: var(--paper); stroke: var(--missed); stroke-width: 2; }
.extra { fill: none; stroke: var(--extra); stroke-width: 3; }
.wrongDirection { fill: var(--turned); }
.optional { fill: var(--paper); stroke: var(--optional); stroke-width: 1.5; }
.events { display: grid; margin-top: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; overflow: hidden; }
figure img { display: block; width: 100%; height: auto; }
figcaption { padding: 0.5rem 0.75rem; }
@media (max-width: 30rem) {
  body { padding: 0.75rem; }
  th, td { padding: 0.3rem 0.25rem; font-size: 0.85rem; }
  thead th { font-size: 0.7rem; }
  td small { white-space: normal; min-width: 3.5rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.4rem; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  figure, .line { break-inside: avoid; }
  .wide { overflow: visible; }
  .timeline { min-width: 0; }
}
`;
