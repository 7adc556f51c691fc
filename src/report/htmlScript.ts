/**
 * The page's script: the filter, the switch between light and dark, folding, and copying the command. The page
 * is whole without it. It sends no request, and puts nothing into the page as markup.
 */
export const htmlScript = String.raw`
'use strict'
{
  const root = document.documentElement
  const key = 'pglink-theme'
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const isDark = () => (root.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark'
  // A browser may refuse to remember anything for a file.
  const remembered = () => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const remember = theme => {
    try {
      localStorage.setItem(key, theme)
    } catch {}
  }
  const chosen = remembered()
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen

  const each = (selector, work, within = document) => {
    for (const found of within.querySelectorAll(selector)) work(found)
  }

  const theme = () => {
    const button = document.getElementById('theme')
    const show = () => {
      button.textContent = isDark() ? 'Light' : 'Dark'
      button.setAttribute('aria-label', isDark() ? 'Show in light colours' : 'Show in dark colours')
    }
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark'
      remember(root.dataset.theme)
      show()
    })
    dark.addEventListener('change', show)
    button.hidden = false
    show()
  }

  const copying = () =>
    each('.copy', button => {
      if (!navigator.clipboard) return
      button.hidden = false
      button.addEventListener('click', async () => {
        const done = await navigator.clipboard.writeText(button.previousElementSibling.textContent).then(
          () => true,
          () => false
        )
        button.textContent = done ? 'Copied' : 'Not allowed here'
        setTimeout(() => {
          button.textContent = 'Copy'
        }, 2000)
      })
    })

  const printing = () => {
    // A browser may say twice that it prints.
    const closed = new Set()
    addEventListener('beforeprint', () =>
      each('details:not([open])', one => {
        closed.add(one)
        one.open = true
      })
    )
    addEventListener('afterprint', () => {
      for (const one of closed) one.open = false
      closed.clear()
    })
  }

  const allLines = () =>
    [...document.querySelectorAll('.wave > ol > li')].map(item => ({
      item,
      wave: item.closest('.wave'),
      sort: item.className,
      kind: item.querySelector('small').textContent,
      words: item.textContent.toLowerCase()
    }))

  const shortcuts = (bar, text, clear) => {
    document.addEventListener('keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const isTyping = /^(input|select|textarea)$/i.test(event.target.tagName) && event.target.type !== 'checkbox'
      if (event.key === '/' && !isTyping) {
        event.preventDefault()
        text.focus()
        text.select()
      } else if (event.key === 'Escape' && bar.dataset.active === 'true') {
        event.preventDefault()
        clear()
      } else if (event.key === 'Escape' && event.target === text) text.blur()
    })
  }

  const filtering = () => {
    const bar = document.getElementById('filter')
    if (bar === null) return undefined
    const text = bar.querySelector('input[type=search]')
    const kind = bar.querySelector('select')
    const boxes = [...bar.querySelectorAll('input[type=checkbox]')]
    const count = bar.querySelector('output')
    const lines = allLines()
    const waves = new Set(lines.map(({ wave }) => wave))
    const total = lines.length + (lines.length === 1 ? ' step' : ' steps')
    const apply = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean)
      const sorts = new Set(boxes.filter(box => box.checked).map(box => box.value))
      const full = new Set()
      let shown = 0
      for (const line of lines) {
        const fits =
          (sorts.size === 0 || sorts.has(line.sort)) &&
          (kind.value === '' || kind.value === line.kind) &&
          words.every(word => line.words.includes(word))
        if (fits) {
          shown += 1
          full.add(line.wave)
        }
        if (line.item.hidden === fits) line.item.hidden = !fits
      }
      for (const wave of waves) wave.hidden = !full.has(wave)
      count.textContent = shown === lines.length ? total : shown + ' of ' + total
      bar.dataset.active = String(words.length > 0 || sorts.size > 0 || kind.value !== '')
    }
    const clear = () => {
      text.value = ''
      kind.value = ''
      for (const box of boxes) box.checked = false
      apply()
    }
    const fold = open => {
      for (const { item } of lines) if (!item.hidden) item.firstElementChild.open = open
    }
    for (const control of [text, kind, ...boxes]) control.addEventListener('input', apply)
    bar.addEventListener('submit', event => event.preventDefault())
    bar.querySelector('[value=clear]').addEventListener('click', () => {
      clear()
      text.focus()
    })
    bar.querySelector('[value=open]').addEventListener('click', () => fold(true))
    bar.querySelector('[value=close]').addEventListener('click', () => fold(false))
    shortcuts(bar, text, clear)
    each('li[data-closed] > details', one => {
      one.open = false
    })
    bar.hidden = false
    apply()
    return clear
  }

  /** A line that is named in the address is shown, whatever the filter, and open. */
  const arriving = clear => {
    const arrive = () => {
      const target = document.getElementById(location.hash.slice(1))
      if (target === null) return
      if (target.hidden && clear) clear()
      if (target.firstElementChild instanceof HTMLDetailsElement) target.firstElementChild.open = true
      target.scrollIntoView()
    }
    addEventListener('hashchange', arrive)
    if (location.hash !== '') arrive()
  }

  document.addEventListener('DOMContentLoaded', () => {
    theme()
    copying()
    printing()
    arriving(filtering())
  })
}
`
