import { changedMarks, marks } from './looks.ts'

/** Every rule is under this class: a picture inside a page changes nothing of the page. */
export const svgClass = 'pglink-graph'

/** Colours as custom properties, for a page that has a switch of its own between light and dark. */
const variables = (page: 'light' | 'dark', ground: string): string =>
  [ground, ...changedMarks.map(mark => `--${mark}:${marks[mark][page][0]};--${mark}-box:${marks[mark][page][1]}`)].join(';')

const { light, dark } = marks.same
export const svgLight = variables('light', `--bg:#fff;--fg:#1f2328;--mute:#59636e;--line:${light[0]};--box:${light[1]};--frame:#8182860d`)
export const svgDark = variables('dark', `--bg:#0d1117;--fg:#f0f6fc;--mute:#9198a1;--line:${dark[0]};--box:${dark[1]};--frame:#b1bac40f`)

/** The rules that make the picture of `svgOf` out of its classes, without the colours. */
export const svgRules = [
  `.${svgClass}{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;--c:var(--line);--f:var(--box)}`,
  ...changedMarks.map(mark => `.${svgClass} .m-${mark}{--c:var(--${mark});--f:var(--${mark}-box)}`),
  `.${svgClass} text{fill:var(--fg);font-size:11px}`,
  `.${svgClass} .t{font-size:13px;font-weight:600}`,
  `.${svgClass} .g .t{font-size:11px;font-weight:400}`,
  `.${svgClass} .s{fill:var(--mute)}`,
  `.${svgClass} .p{fill:var(--bg)}`,
  `.${svgClass} .b{fill:var(--f);stroke:var(--c)}`,
  `.${svgClass} .r{fill:var(--frame);stroke:var(--c)}`,
  `.${svgClass} .m-delete .b,.${svgClass} .m-delete .r,.${svgClass} .m-delete .l{stroke-dasharray:5 3}`,
  `.${svgClass} .m-inside .b,.${svgClass} .m-unknown .b,.${svgClass} .m-unmanaged .b,.${svgClass} .m-unknown .l{stroke-dasharray:2 3}`,
  `.${svgClass} .l{fill:none;stroke:var(--c);stroke-width:1.5}`,
  `.${svgClass} .h{fill:var(--c)}`,
  `.${svgClass} .i{fill:none;stroke:var(--c);stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}`,
  `.${svgClass} .o{--c:var(--update)}`,
  `.${svgClass} .e{text-anchor:middle;fill:var(--fg)}`,
  `.${svgClass} .k{fill:var(--bg)}`
].join('')

/** All of it, for a picture that stands alone and follows the reader's own choice. */
export const svgStyle = `.${svgClass}{${svgLight}}@media (prefers-color-scheme:dark){.${svgClass}{${svgDark}}}${svgRules}`

/** Drawn in a square of 16, as the icon of a kind. */
export const lineIcons = {
  way: 'M2 8h8M7 5l3 3-3 3M13.5 3v10',
  lock: 'M4 7h8v6.5H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2',
  unlock: 'M4 7h8v6.5H4zM5.6 7V4.6a2.4 2.4 0 0 1 4.7-.7'
} as const
