import { expect } from 'vitest'

interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

interface Read {
  readonly elements: readonly Element[]
  readonly scripts: readonly string[]
  readonly styles: readonly string[]
  /** The text between the tags, as a reader sees it. */
  readonly text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const unescaped = (text: string): string => text.replace(/&(\w+|#\d+);/g, (all, name: string) => entities[name] ?? all)

/** The page as the grammar of HTML has it, without what we never write. @throws at the first character that does not fit */
export function read(page: string): Read {
  const part = /<!doctype html>|<(script|style)>([\s\S]*?)<\/\1>|<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)\/?>|([^<>]+)/y
  const elements: Element[] = []
  const raw = { script: [] as string[], style: [] as string[] }
  let text = ''
  for (let at = 0; at < page.length; at = part.lastIndex) {
    part.lastIndex = at
    const found = part.exec(page)
    if (found === null) throw new Error(`no markup at ${JSON.stringify(page.slice(at, at + 80))}`)
    const [, rawName, content = '', closes, name, attributes = '', words = ''] = found
    if (rawName === 'script' || rawName === 'style') raw[rawName].push(content)
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(words + attributes)) throw new Error(`a bare & in ${words}${attributes}`)
    text += unescaped(words)
    if (name === undefined || closes === '/') continue
    const pairs = [...attributes.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)]
    elements.push({ name, attributes: new Map(pairs.map(([, key = '', value = '']) => [key, unescaped(value)])) })
  }
  return { elements, scripts: raw.script, styles: raw.style, text }
}

const tags = new Set(
  'html head meta title link body a header span button form div input kbd fieldset legend label b select option output main h1 h2 h3 h4 small br table thead tbody tr th td article p dl dt dd section ul ol li details summary code abbr em i pre footer svg desc defs symbol marker path rect g use text'.split(
    ' '
  )
)

/** Nothing that runs but our script, nothing that is fetched, and every reference leads to something in the page. */
export function expectSound(page: string): Read {
  const made = read(page)
  const { elements } = made
  expect([made.scripts.length, made.styles.length]).toEqual([1, 1])
  const ids = new Set(elements.flatMap(({ attributes }) => attributes.get('id') ?? []))
  const wrong = elements.flatMap(({ name, attributes }) =>
    tags.has(name) ? [...attributes].filter(([key, value]) => !isInert(name, key, value, ids)).map(pair => `${name} ${pair}`) : [name]
  )
  expect(wrong).toEqual([])
  return made
}

function isInert(name: string, key: string, value: string, ids: ReadonlySet<string>): boolean {
  if (/^on|^style$|^src|^action$|^formaction$|^ping$|^target$|^srcdoc$/i.test(key)) return false
  if (key === 'http-equiv') return value === 'Content-Security-Policy'
  if (key === 'href') return name === 'link' ? value.startsWith('data:image/svg+xml,') : value.startsWith('#') && ids.has(value.slice(1))
  return true
}
