import DOMPurify from 'dompurify'
import mermaid from 'mermaid'

/*
 * Mermaid cleans the HTML of every text while it parses, with what a browser has. Here, where there is none, the grammar alone is
 * looked at: texts go through as they are.
 */
Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (text: string) => text })

/** The kind of diagram that mermaid's own parser sees in a text. @throws what it says of one that it cannot read */
export async function mermaidKind(text: string): Promise<string> {
  return (await mermaid.parse(text)).diagramType
}
