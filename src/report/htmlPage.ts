import { createHash } from 'node:crypto'
import type { PlanDocument } from '../document/plan.generated.ts'
import { counted } from '../model/counted.ts'
import { html, type Markup, markupOf, trusted } from './htmlMarkup.ts'
import { htmlScript } from './htmlScript.ts'
import { htmlStyle } from './htmlStyle.ts'

/** The parts of a page that differ from one report to the other. */
export interface Page {
  /** After `pglink ` in the title of the window. */
  readonly title: string
  /** The report in one word. */
  readonly about: 'plan' | 'drift'
  readonly filter?: Markup | undefined
  readonly main: Markup
  readonly foot: string
}

/**
 * A page that needs nothing from anywhere: a browser that follows its policy runs no script and no style but the two in it, and sends no
 * request. Without its script it is all there, open, to be read and printed.
 */
export const pageOf = ({ title, about, filter, main, foot }: Page): string =>
  markupOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="pglink">
<meta name="color-scheme" content="light dark">
<title>pglink ${title}</title>
<link rel="icon" href="${icon}">
<style>${trusted(htmlStyle)}</style>
<script>${trusted(htmlScript)}</script>
</head>
<body>
<a class="skip" href="#main">Skip to the ${about}</a>
<header class="top"><span class="brand">pglink <span>${about}</span></span><button type="button" id="theme" hidden>Dark</button></header>
${filter}
<main id="main" tabindex="-1">
${main}
</main>
<footer class="foot">${foot}</footer>
</body>
</html>
`)

/** The versions that made the documents of a page. */
export const madeBy = (documents: readonly { readonly tool_version: string }[]): string =>
  [...new Set(documents.map(({ tool_version: version }) => `Made by pglink ${version}`))].join(', ')

interface Read extends Pick<PlanDocument, 'timestamp'> {
  readonly topology: { readonly name: string; readonly path: string; readonly env: string | null }
  readonly summary: { readonly reads: number }
}

/** The topology by name, with its environment. */
export const nameOf = ({ topology: { name, env } }: Read): string => (env === null ? name : `${name} (${env})`)

/** How the estate of a document was read. */
export const sources: Readonly<Record<PlanDocument['source'], string>> = {
  azure: 'read from Azure',
  sandbox: 'read from a sandbox, not from Azure',
  'base branch': 'not read from Azure'
}

/** The line under a title: the file, the `words` for what was read, how much of it, and when. */
export function factsMarkup({ topology, summary, timestamp }: Read, ...words: readonly string[]): Markup {
  const facts = [topology.path, ...words, ...(summary.reads > 0 ? [counted(summary.reads, 'read')] : []), momentText(timestamp)]
  return html`<p class="facts">${facts.map(fact => html`<span>${fact}</span> `)}</p>`
}

/** To the minute, in the one time zone that needs no asking. A text that is no time is shown as it is. */
const momentText = (timestamp: string): string => {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/.exec(timestamp) ?? []
  return day === undefined ? timestamp : `${day} ${time} UTC`
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = `default-src 'none'; style-src ${sha256(htmlStyle)}; script-src ${sha256(htmlScript)}; img-src data:; base-uri 'none'; form-action 'none'`

/** In the page, since a browser would ask a server for one. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#4493f8" stroke-width="2" d="M1 8h4M11 8h4M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"/></svg>'
)}`
