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

/** A kind has its own icon; these are drawn in a square of 16 as well. */
export const icons: ReadonlyMap<string, string> = new Map([
  ['lock', 'M4 7h8v6.5H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2'],
  ['unlock', 'M4 7h8v6.5H4zM5.6 7V4.6a2.4 2.4 0 0 1 4.7-.7']
])
