import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { isThere } from './required.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']

/** The browser of this machine; `undefined` where it has none, so that tests can be skipped. */
export const chromiumFile = [...(process.env['CHROMIUM'] ? [process.env['CHROMIUM']] : []), ...places].find(place => existsSync(place))

isThere('chromium', chromiumFile !== undefined, 'Install it, or name it by CHROMIUM.')

/** Root, as which containers run, may not use the browser's own sandbox. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ ...(chromiumFile && { executablePath: chromiumFile }), args: ['--no-sandbox', '--disable-gpu'] })

export interface Opened {
  readonly page: Page
  /** The browser's messages, errors, dialogs, and requests for anything but the page itself. */
  readonly complaints: string[]
}

/** Opens a page from a file, as who was sent it does; gone after the test. */
export async function openPage(browser: Browser, html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'pglink-page-'))
  const file = join(folder, 'page.html')
  writeFileSync(file, html)
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  onTestFinished(async () => {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const url = pathToFileURL(file).href
  page.on('console', message => void complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => void complaints.push(`error: ${error.message}`))
  page.on('request', request => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`)
  })
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, complaints }
}
