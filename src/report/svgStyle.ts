import { changedMarks, type MarkLook, marks } from './looks.ts'

/** Every rule is under this class: a picture inside a page changes nothing of the page. */
export const svgClass = 'pglink-graph'

/** Colours as custom properties, for a page that has a switch of its own between light and dark. */
const variables = (page: string, colours: (look: MarkLook) => readonly [line: string, fill: string]): string =>
  [page, ...changedMarks.map(mark => `--${mark}:${colours(marks[mark])[0]};--${mark}-box:${colours(marks[mark])[1]}`)].join(';')

export const svgLight = variables(
  `--bg:#fff;--fg:#1f2328;--mute:#59636e;--line:${marks.same.line};--box:${marks.same.fill};--frame:#8182860d`,
  ({ line, fill }) => [line, fill]
)
export const svgDark = variables(
  `--bg:#0d1117;--fg:#f0f6fc;--mute:#9198a1;--line:${marks.same.dark[0]};--box:${marks.same.dark[1]};--frame:#b1bac40f`,
  ({ dark }) => dark
)

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

/** Drawn in a square of 16, as the icon of a kind. */
export const lockIcons = {
  lock: 'M4 7h8v6.5H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2',
  unlock: 'M4 7h8v6.5H4zM5.6 7V4.6a2.4 2.4 0 0 1 4.7-.7'
} as const
