import type { Azure } from './azure.ts'

/** The items of a list, asked for page by page as they are taken. */
export async function* itemsOf<Item>(send: Azure['send'], list: string, apiVersion: string): AsyncGenerator<Item> {
  for (let path: string | undefined = list; path !== undefined; ) {
    const page = (await send({ method: 'GET', path, apiVersion })) as { readonly value?: readonly Item[]; readonly nextLink?: string }
    yield* page.value ?? []
    path = page.nextLink
  }
}

export async function gathered<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const one of items) all.push(one)
  return all
}
