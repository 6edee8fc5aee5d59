/** Millimetres throughout: it is printed, and must fit the sheet of labels. */
export const LABEL_STYLE = `
@page { size: A4; margin: 0 }
* { box-sizing: border-box; margin: 0 }
body { width: 210mm; padding: 13.1mm 4.65mm; display: grid; grid-template-columns: repeat(2, 99.1mm);
  grid-auto-rows: 67.7mm; column-gap: 2.5mm; font: 2.6mm/1.25 'DejaVu Sans', Arial, sans-serif; color: #000 }
.label { padding: 3mm 4mm; overflow: hidden; display: grid; grid-template: auto auto 1fr auto / 1fr 30mm; gap: 1mm 3mm }
h1 { grid-column: 1; font-size: 4.2mm; line-height: 1.15; overflow-wrap: anywhere }
h1 small { display: block; font-size: 2.4mm; font-weight: normal }
.code { grid-area: 1 / 2 / 3 / 3; width: 30mm; height: 30mm }
.code svg { display: block; width: 100%; height: 100% }
.urls code, .trust code { display: block; font: 2.9mm/1.35 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere }
.trust { grid-column: 1 / 3 }
.trust p { margin-top: 0.8mm }
.rows { grid-column: 1 / 3; display: flex; flex-wrap: wrap; gap: 0.5mm 4mm; border-top: 0.2mm solid; padding-top: 1mm }
@media screen { .label { outline: 0.2mm dashed #999 } }
`;
