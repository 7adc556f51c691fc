/** Every rule is under this class: a picture inside a page changes nothing of the page. */
export const svgClass = 'pglink-graph'

/** Colours as custom properties, for a page that has a switch of its own between light and dark. */
export const svgLight =
  '--bg:#fff;--fg:#1f2328;--mute:#59636e;--line:#818b98;--box:#f6f8fa;--frame:#8182860d;' +
  '--create:#1a7f37;--create-box:#dafbe1;--update:#9a6700;--update-box:#fff8c5;--replace:#bc4c00;--replace-box:#fff1e5;' +
  '--delete:#cf222e;--delete-box:#ffebe9;--unmanaged:#8250df;--unmanaged-box:#fbefff;--unknown:#0969da;--unknown-box:#ddf4ff'
export const svgDark =
  '--bg:#0d1117;--fg:#f0f6fc;--mute:#9198a1;--line:#9198a1;--box:#151b23;--frame:#b1bac40f;' +
  '--create:#3fb950;--create-box:#12261e;--update:#d29922;--update-box:#272115;--replace:#f0883e;--replace-box:#2b1b12;' +
  '--delete:#f85149;--delete-box:#301b1e;--unmanaged:#ab7df8;--unmanaged-box:#231c3a;--unknown:#4493f8;--unknown-box:#121d2f'

const marks = ['create', 'update', 'replace', 'delete', 'unmanaged', 'unknown'] as const

/** The rules that make the picture of `svgOf` out of its classes, without the colours. */
export const svgRules = [
  `.${svgClass}{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;--c:var(--line);--f:var(--box)}`,
  ...marks.map(mark => `.${svgClass} .m-${mark}{--c:var(--${mark});--f:var(--${mark}-box)}`),
  `.${svgClass} text{fill:var(--fg);font-size:11px}`,
  `.${svgClass} .t{font-size:13px;font-weight:600}`,
  `.${svgClass} .g .t{font-size:11px;font-weight:400}`,
  `.${svgClass} .s{fill:var(--mute)}`,
  `.${svgClass} .p{fill:var(--bg)}`,
  `.${svgClass} .b{fill:var(--f);stroke:var(--c)}`,
  `.${svgClass} .r{fill:var(--frame);stroke:var(--c)}`,
  `.${svgClass} .m-delete .b,.${svgClass} .m-delete .r,.${svgClass} .m-delete .l{stroke-dasharray:5 3}`,
  `.${svgClass} .m-unknown .b,.${svgClass} .m-unmanaged .b,.${svgClass} .m-unknown .l{stroke-dasharray:2 3}`,
  `.${svgClass} .l{fill:none;stroke:var(--c);stroke-width:1.5}`,
  `.${svgClass} .h{fill:var(--c)}`,
  `.${svgClass} .i{fill:none;stroke:var(--c);stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}`,
  `.${svgClass} .o{--c:var(--update)}`,
  `.${svgClass} .e{text-anchor:middle;fill:var(--fg)}`,
  `.${svgClass} .k{fill:var(--bg)}`
].join('')

/** All of it, for a picture that stands alone and follows the reader's own choice. */
export const svgStyle = `.${svgClass}{${svgLight}}@media (prefers-color-scheme:dark){.${svgClass}{${svgDark}}}${svgRules}`

/** Drawn in a square of 16. */
export const icons: ReadonlyMap<string, string> = new Map([
  ['virtualNetwork', 'M4.5 4.5 1.5 8l3 3.5M11.5 4.5l3 3.5-3 3.5M5.5 8h.01M8 8h.01M10.5 8h.01'],
  ['subnet', 'M2.5 4h11v8h-11zM5 8h.01M8 8h.01M11 8h.01'],
  ['privateDnsZone', 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c-2.4 2.6-2.4 9.4 0 12M8 2c2.4 2.6 2.4 9.4 0 12'],
  [
    'flexibleServer',
    'M3 4c0-1.1 2.2-2 5-2s5 .9 5 2v8c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2'
  ],
  ['privateEndpoint', 'M1.5 8h3.2M11.3 8h3.2M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6z'],
  ['managedPrivateEndpoint', 'M1.5 8h3.2M11.3 8h3.2M8 4.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6zM8 8h.01'],
  ['dataFactory', 'M2 13.5V7l4 2.6V7l4 2.6V3h4v10.5z'],
  ['integrationRuntime', 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.7 5.6v4.8L10.6 8z'],
  ['linkedService', 'M6.4 9.6l3.2-3.2M7.3 4.7l1.3-1.3a2.83 2.83 0 0 1 4 4l-1.3 1.3M8.7 11.3l-1.3 1.3a2.83 2.83 0 0 1-4-4l1.3-1.3'],
  ['lock', 'M4 7h8v6.5H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2'],
  ['unlock', 'M4 7h8v6.5H4zM5.6 7V4.6a2.4 2.4 0 0 1 4.7-.7'],
  ['resource', 'M3 3h10v10H3z']
])
