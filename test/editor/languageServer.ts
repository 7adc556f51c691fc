import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node.js'

const program = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')

interface Item {
  readonly label: string
  readonly insertText?: string
  readonly sortText?: string
}

/** The file as an editor shows it. */
export interface Editor {
  /** The labels and texts offered at the bar in the text, in the order of an editor. */
  completes(text: string): Promise<readonly Item[]>
  /** The text shown over the place of the bar. */
  hovers(text: string): Promise<string>
  /** The messages, each with its line from 1. */
  judges(text: string): Promise<readonly string[]>
}

/** The YAML language server over its standard input and output, as an editor runs it, on files in `folder`. */
export async function editorIn(folder: string): Promise<Editor> {
  const child = spawn(process.execPath, [program, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
  const heard = new Map<string, (messages: readonly string[]) => void>()
  connection.onRequest('workspace/configuration', ({ items }: { items: readonly { section?: string }[] }) =>
    items.map(({ section }) =>
      section === 'yaml' ? { validate: true, hover: true, completion: true, schemaStore: { enable: false } } : {}
    )
  )
  connection.onRequest('client/registerCapability', () => null)
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }) =>
    heard.get(uri)?.(
      diagnostics.map((one: { message: string; range: { start: { line: number } } }) => `${one.range.start.line + 1}: ${one.message}`)
    )
  )
  connection.listen()
  const snippets = { textDocument: { completion: { completionItem: { snippetSupport: true } } }, workspace: { configuration: true } }
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: snippets })
  await connection.sendNotification('initialized', {})
  let count = 0
  const opened = async (marked: string) => {
    const [before = ''] = marked.split('|', 1)
    const lines = before.split('\n')
    const uri = pathToFileURL(join(folder, `topology-${++count}.yaml`)).href
    const judged = new Promise<readonly string[]>(resolve => heard.set(uri, resolve))
    const text = marked.replace('|', '')
    await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } })
    return { at: { textDocument: { uri }, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } }, judged }
  }
  return {
    async completes(text) {
      const { at } = await opened(text)
      const { items }: { items: readonly Item[] } = await connection.sendRequest('textDocument/completion', at)
      return items.toSorted((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1))
    },
    async hovers(text) {
      const { at } = await opened(text)
      const found: { contents: { value: string } } | null = await connection.sendRequest('textDocument/hover', at)
      return found?.contents.value ?? ''
    },
    async judges(text) {
      return (await opened(text)).judged
    }
  }
}
