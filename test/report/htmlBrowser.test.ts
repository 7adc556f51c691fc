import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { driftHtmlOf } from '../../src/report/driftHtml.ts'
import { htmlOf } from '../../src/report/html.ts'
import { chromiumFile, launchBrowser, openPage } from '../support/browser.ts'
import { driftDocuments } from './driftDocuments.ts'
import { hostileNames } from './graphs.ts'
import { emptyDocument, hostileDocument, largeDocument, mixedDocument } from './htmlDocuments.ts'
import { hostile } from './markdownDocuments.ts'

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** Put in past the policy of the page, as the browser's own tools are. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const results = await page.evaluate<AxeResults>('axe.run()')
  expect(results.passes.length).toBeGreaterThan(20)
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`)
  )
}

const shown = (page: Page) => page.locator('.wave > ol > li:visible')
const count = (page: Page) => page.locator('output').textContent()
const focused = (page: Page): Promise<string> =>
  page.evaluate('(e => e.id || e.value || e.textContent.trim().slice(0, 9) || e.tagName)(document.activeElement)')

describe.skipIf(chromiumFile === undefined)('in a browser', () => {
  let browser: Browser
  let mixed: PlanDocument
  let page: string
  let several: string
  let drift: string
  beforeAll(async () => {
    browser = await launchBrowser()
    mixed = await mixedDocument()
    page = htmlOf([mixed])
    const [documents = []] = fc.sample(driftDocuments, { numRuns: 1, seed: 7 })
    drift = driftHtmlOf(documents)
    several = htmlOf([{ ...mixed, source: 'base branch', errored: true }, await emptyDocument(), hostileDocument(mixed, hostileNames[1])])
  }, 120_000)
  afterAll(() => browser.close())

  describe.each(['light', 'dark'] as const)('in %s colours', colorScheme => {
    test.each([1200, 400])('axe has nothing against it, %i pixels wide', async width => {
      for (const html of [page, several, drift]) {
        const opened = await openPage(browser, html, { colorScheme, viewport: { width, height: 900 } })
        expect(await violations(opened.page)).toEqual([])
        expect(opened.complaints).toEqual([])
        expect(await opened.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      }
    })
  })

  test('the switch turns the colours, and the choice is kept', async () => {
    const { page: tab, complaints } = await openPage(browser, page, { colorScheme: 'light' })
    const background = (): Promise<string> => tab.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await background()
    await tab.getByRole('button', { name: 'Show in dark colours' }).click()
    const dark = await background()
    expect(dark).not.toBe(light)
    expect(await violations(tab)).toEqual([])
    await tab.reload()
    expect(await background()).toBe(dark)
    await tab.getByRole('button', { name: 'Show in light colours' }).press('Enter')
    expect(await background()).toBe(light)
    expect(complaints).toEqual([])
  })

  test('the filter is reached by /, finds what is in the fields, says how much, and Esc lets go', async () => {
    const { page: tab, complaints } = await openPage(browser, page)
    const all = mixed.steps.length
    expect(await count(tab)).toBe(`${all} steps`)
    await tab.keyboard.press('/')
    await tab.keyboard.type('D4ds_v5')
    expect(await shown(tab).count()).toBe(1)
    expect(await count(tab)).toBe(`1 of ${all} steps`)
    expect(await tab.locator('.wave:visible').count()).toBe(1)
    await tab.keyboard.type(' / no such thing')
    expect(await count(tab)).toBe(`0 of ${all} steps`)
    await tab.keyboard.press('Escape')
    expect(await count(tab)).toBe(`${all} steps`)
    expect(await shown(tab).count()).toBe(all)
    expect(complaints).toEqual([])
  })

  test('the filter takes actions and kinds together, by keyboard alone', async () => {
    const { page: tab } = await openPage(browser, page)
    const creates = mixed.steps.filter(({ op }) => op === 'create').length
    const updates = mixed.steps.filter(({ op }) => op === 'update').length
    await tab.getByRole('checkbox', { name: 'create' }).focus()
    await tab.keyboard.press('Space')
    expect(await shown(tab).count()).toBe(creates)
    await tab.keyboard.press('Tab')
    await tab.keyboard.press('Space')
    expect(await shown(tab).count()).toBe(creates + updates)
    await tab.getByRole('combobox', { name: 'Filter by kind' }).selectOption('private endpoint')
    expect(await shown(tab).locator('code').allTextContents()).toEqual(['servers/orders-pg/privateEndpoints/second'])
    expect(await violations(tab)).toEqual([])
    await tab.getByRole('button', { name: 'Clear' }).click()
    expect(await shown(tab).count()).toBe(mixed.steps.length)
    expect(await tab.getByRole('checkbox', { checked: true }).count()).toBe(0)
    // A filter that hides nothing can be let go of, too.
    for (const box of await tab.getByRole('checkbox').all()) await box.check()
    expect(await shown(tab).count()).toBe(mixed.steps.length)
    await tab.keyboard.press('Escape')
    expect(await tab.getByRole('checkbox', { checked: true }).count()).toBe(0)
  })

  test('the focus goes from top to bottom, and is seen', async () => {
    const { page: tab } = await openPage(browser, page)
    const order: string[] = []
    for (let at = 0; at < 6; at += 1) {
      await tab.keyboard.press('Tab')
      order.push(await focused(tab))
      if (at > 1)
        expect(
          await tab.evaluate('(e => getComputedStyle(e.type === "checkbox" ? e.nextSibling : e).outlineStyle)(document.activeElement)')
        ).toBe('solid')
    }
    expect(order).toEqual(['Skip to t', 'theme', 'INPUT', 'All kinds', 'open', 'close'])
    await tab.getByRole('link', { name: 'Skip to the plan' }).press('Enter')
    await tab.waitForFunction('document.activeElement.id === "main"')
  })

  test('lines are folded and unfolded, one by one and all together', async () => {
    const { page: tab } = await openPage(browser, page)
    const open = tab.locator('.wave details[open]')
    expect(await open.count()).toBe(mixed.steps.length)
    await tab.getByRole('button', { name: 'Collapse all' }).click()
    expect(await open.count()).toBe(0)
    await tab.locator('.wave summary').first().press('Enter')
    expect(await open.count()).toBe(1)
    await tab.getByRole('button', { name: 'Expand all' }).click()
    expect(await open.count()).toBe(mixed.steps.length)
  })

  test('a link leads to its step, folded and filtered away or not', async () => {
    const { page: tab } = await openPage(browser, page)
    await tab.getByRole('button', { name: 'Collapse all' }).click()
    await tab.keyboard.press('/')
    await tab.keyboard.type('no such thing')
    const link = tab.locator('.alert a').first()
    const target = tab.locator((await link.getAttribute('href')) ?? '')
    expect(await target.isVisible()).toBe(false)
    await link.click()
    await target.locator('details[open]').waitFor()
    expect(await target.evaluate('(e => e.getBoundingClientRect().top > 0)(document.querySelector(":target"))')).toBe(true)
    expect(await count(tab)).toBe(`${mixed.steps.length} steps`)
  })

  test('without its script all of it is there and open', async () => {
    const { page: tab, complaints } = await openPage(browser, htmlOf([await largeDocument(60)]), { javaScriptEnabled: false })
    expect(await tab.locator('.wave details:not([open])').count()).toBe(0)
    expect(await tab.locator('#filter, #theme').locator('visible=true').count()).toBe(0)
    expect(await tab.locator('.wave dd:visible').count()).toBeGreaterThan(100)
    expect(complaints).toEqual([])
  })

  test('on paper it is light, whole, and without its switches', async () => {
    const { page: tab } = await openPage(browser, htmlOf([await largeDocument(60)]), { colorScheme: 'dark' })
    expect(await tab.locator('.wave details:not([open])').count()).toBeGreaterThan(50)
    await tab.emulateMedia({ media: 'print' })
    await tab.evaluate('dispatchEvent(new Event("beforeprint"))')
    expect(await tab.locator('.wave details:not([open])').count()).toBe(0)
    expect(await tab.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--bg")')).toBe('#fff')
    expect(await tab.locator('#filter, #theme').locator('visible=true').count()).toBe(0)
    expect((await tab.pdf()).length).toBeGreaterThan(1_000)
    await tab.evaluate('dispatchEvent(new Event("afterprint"))')
    expect(await tab.locator('.wave details:not([open])').count()).toBeGreaterThan(50)
  })

  test('no text of a document does anything', async () => {
    const names = [...hostileNames, ...hostile].filter(text => /[<>&"'`]|javascript:/.test(text))
    const harmless = await openPage(browser, htmlOf(names.map(() => hostileDocument(mixed, 'name'))))
    const { page: tab, complaints } = await openPage(browser, htmlOf(names.map(name => hostileDocument(mixed, name))))
    const known = new Set(await elementsIn(harmless.page))
    expect((await elementsIn(tab)).filter(element => !known.has(element))).toEqual([])
    await tab.keyboard.press('/')
    await tab.keyboard.type('alert(1)')
    expect(await shown(tab).count()).toBeGreaterThan(5)
    expect(complaints).toEqual([])
  }, 180_000)

  test('the filter of two thousand resources answers each key', async () => {
    const document = await largeDocument(2_000)
    const { page: tab, complaints } = await openPage(browser, htmlOf([document]))
    expect(await count(tab)).toBe(`${document.steps.length} steps`)
    // As a list item, each line that is hidden would have all of them numbered anew: seconds instead of a frame.
    expect(await tab.evaluate('getComputedStyle(document.querySelector(".wave > ol > li")).display')).toBe('block')
    await tab.keyboard.press('/')
    await tab.keyboard.type('pg-1')
    const wanted = document.steps.filter(step => JSON.stringify(step).includes('pg-1')).length
    expect(await tab.locator('.wave > ol > li:not([hidden])').count()).toBe(wanted)
    expect(await count(tab)).toBe(`${wanted} of ${document.steps.length} steps`)
    const times = await tab.evaluate<readonly number[]>(`(input => ['p', 'pg', 'pg-', 'pg-66', ''].map(text => {
      const from = performance.now()
      input.value = text
      input.dispatchEvent(new Event('input'))
      document.body.getBoundingClientRect()
      return Math.round(performance.now() - from)
    }))(document.querySelector('input[type=search]'))`)
    console.info(`The filter over ${document.steps.length} steps, with the layout that follows: ${times.join(', ')} ms.`)
    expect(await tab.locator('.wave > ol > li:not([hidden])').count()).toBe(document.steps.length)
    expect(complaints).toEqual([])
  }, 180_000)
})

/** The elements of the page, by their names and those of their attributes. */
const elementsIn = (page: Page): Promise<string[]> =>
  page.evaluate(
    '[...new Set([...document.querySelectorAll("*")].map(e => e.tagName + " " + e.getAttributeNames().filter(n => n !== "class").join()))]'
  )
