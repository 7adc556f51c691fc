// Makes the pictures of the README from one plan on the sandbox: the quickstart as it was applied, then changed. `npm run
// screenshots` builds the command line first. Needs Chromium, as some tests do; CHROMIUM names another one.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../../', import.meta.url))
const images = join(root, '.github', 'images')
const bytesMax = 150_000

const variables = ['--env-file', '.env.example']
const sandbox = ['--sandbox', '--sandbox-seed', 'sandbox.json', '--data-dir', '.pglink']
const deletes = ['--prune', '--baseline', 'applied.yaml', '--allow-locked-delete', 'servers/orders-pg/privateEndpoints/orders-pg-pe']

/** A larger server, and an endpoint that takes the place of another: locks, a restart, a delete and a proof before it. */
const changes = [
  ['size: Standard_D2ds_v5', 'size: Standard_D4ds_v5'],
  ['    version: "17"\n', '    version: "17"\n    restart: allowed\n'],
  ['orders-pg-pe:', 'orders-pg-endpoint:']
]

/** @returns what it printed; ends everything where it fails */
function pglink(cwd, args) {
  const env = { PATH: process.env.PATH, FORCE_COLOR: '1', LANG: 'C.UTF-8' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), ...args], { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`pglink ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

function makePlan(folder) {
  cpSync(join(root, 'examples', 'quickstart'), folder, { recursive: true })
  const file = join(folder, 'topology.yaml')
  const before = readFileSync(file, 'utf8')
  const after = changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The quickstart no longer says ${JSON.stringify(from)}.`)
    return text.replace(from, to)
  }, before)
  writeFileSync(join(folder, 'applied.yaml'), before)
  pglink(folder, ['apply', 'applied.yaml', ...variables, ...sandbox, '--auto-approve'])
  writeFileSync(file, after)
  const outputs = ['--html', 'report.html', '--out', 'plan.json']
  const printed = pglink(folder, ['plan', 'topology.yaml', ...variables, ...sandbox, ...deletes, ...outputs])
  writeFileSync(join(folder, 'graph.svg'), pglink(folder, ['graph', 'plan.json', '--format', 'svg']))
  writeFileSync(join(folder, 'plan.html'), terminalPage(printed))
}

const esc = '\u001b'

/** A terminal's colours and styles, as classes of a page. */
const classes = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 34: 'blue', 35: 'magenta', 36: 'cyan' }
const ends = { 22: ['bold', 'dim'], 39: ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] }

/** A picture is read in one glance: what is longer is in the report. */
const linesMax = 44

function terminalPage(printed) {
  const all = printed.trimEnd().split('\n')
  const start = all.findIndex(line => line.includes('will perform the following'))
  const end = all.findIndex(line => line.includes('Plan: '))
  if (start < 0 || end < 0) throw new Error(`This is no plan with steps: ${printed}`)
  const shown = all.slice(start, all.lastIndexOf('', Math.min(start + linesMax, end)))
  const more = start + shown.length + 1 < end ? [`${esc}[2m…${esc}[22m`, ''] : []
  const saved = all.findIndex(line => line.startsWith('Saved.'))
  const closing = all.slice(end, saved < 0 ? undefined : saved)
  const text = [`${esc}[2m$${esc}[22m pglink plan`, '', ...shown, '', ...more, ...closing].join('\n')
  const style = `body{margin:0;background:#0d1117}pre{display:inline-block;margin:0;padding:18px 22px;color:#d1d7e0;font:12px/1.45 ui-monospace,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;white-space:pre}
.bold{font-weight:700;color:#f0f6fc}.dim{color:#8b949e}.red{color:#f85149}.green{color:#3fb950}.yellow{color:#d29922}.blue{color:#58a6ff}.magenta{color:#bc8cff}.cyan{color:#39c5cf}`
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><pre>${coloured(text)}</pre>`
}

function coloured(text) {
  const on = new Set()
  let html = ''
  for (const part of text.split(new RegExp(`(${esc}\\[\\d+m)`))) {
    const code = part.startsWith(`${esc}[`) ? part.slice(2, -1) : undefined
    if (code === undefined) {
      const escaped = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      html += on.size === 0 ? escaped : `<span class="${[...on].join(' ')}">${escaped}</span>`
    } else if (code in ends) for (const name of ends[code]) on.delete(name)
    else if (code in classes) on.add(classes[code])
    else throw new Error(`The plan is printed with an escape that is not known here: ${code}.`)
  }
  return html
}

/** The pixels of a picture by at most 256 colours: what there is much of, and what is like nothing else. Runs in the page. */
async function indexed(base64) {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob())
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  const context = canvas.getContext('2d')
  context.drawImage(picture, 0, 0)
  const { data, width, height } = context.getImageData(0, 0, picture.width, picture.height)
  const colours = new Uint32Array(width * height)
  const counts = new Map()
  for (let at = 0; at < colours.length; at += 1) {
    colours[at] = (data[at * 4] << 16) | (data[at * 4 + 1] << 8) | data[at * 4 + 2]
    counts.set(colours[at], (counts.get(colours[at]) ?? 0) + 1)
  }
  const far = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2
  const left = [...counts].map(([colour, count]) => ({ colour, weight: Math.sqrt(count), away: 2 ** 20 }))
  const palette = []
  while (palette.length < 256) {
    const next = left.reduce((best, one) => (one.weight * one.away > best.weight * best.away ? one : best))
    if (next.away === 0) break
    palette.push(next.colour)
    for (const one of left) one.away = Math.min(one.away, far(one.colour, next.colour))
  }
  const nearest = new Map(palette.map((colour, index) => [colour, index]))
  const indexOf = colour => {
    let best = nearest.get(colour)
    if (best === undefined) {
      best = palette.reduce((found, one, index) => (far(one, colour) < far(palette[found], colour) ? index : found), 0)
      nearest.set(colour, best)
    }
    return best
  }
  return { width, height, palette, pixels: Array.from(colours, indexOf) }
}

const chunk = (type, content) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A PNG with a palette: a third of what the browser writes. */
function png({ width, height, palette, pixels }) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1) rows.set(pixels.slice(y * width, (y + 1) * width), y * (width + 1) + 1)
  const colours = Buffer.from(palette.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0))
  ])
}

async function picture(browser, file, selector, size) {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: 1, colorScheme: 'light' })
  await page.goto(pathToFileURL(file).href)
  const taken = selector === undefined ? await page.screenshot() : await page.locator(selector).screenshot()
  await page.close()
  const plain = await browser.newPage()
  const made = png(await plain.evaluate(indexed, taken.toString('base64')))
  await plain.close()
  return made
}

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => path && existsSync(path))
if (executablePath === undefined) throw new Error('There is no Chromium here: install it, or name it by CHROMIUM.')
const folder = mkdtempSync(join(tmpdir(), 'pglink-screenshots-'))
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  makePlan(folder)
  mkdirSync(images, { recursive: true })
  const taken = {
    report: await picture(browser, join(folder, 'report.html'), undefined, { width: 1100, height: 1000 }),
    graph: await picture(browser, join(folder, 'graph.svg'), 'svg', { width: 1400, height: 900 }),
    plan: await picture(browser, join(folder, 'plan.html'), 'pre', { width: 1100, height: 900 })
  }
  for (const [name, bytes] of Object.entries(taken)) {
    if (bytes.length > bytesMax) throw new Error(`${name}.png has ${bytes.length} bytes, and at most ${bytesMax} are wanted.`)
    writeFileSync(join(images, `${name}.png`), bytes)
    console.log(`.github/images/${name}.png  ${bytes.length} bytes`)
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
