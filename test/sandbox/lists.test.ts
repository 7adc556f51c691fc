import { describe, expect, test } from 'vitest'
import { type Arm, armWithGroup, type Body, group, networks, ours, subscription } from './arm.ts'
import { armWithZone, namesIn, network, refusalOf, zone, zones } from './zones.ts'

const letters = ['c', 'a', 'e', 'b', 'd']
const seed = Object.fromEntries(letters.map(name => [`${networks}/${name}`, network]))

/** Follows a list to its end. Something can be done after each page. */
async function pages(
  { send }: Arm,
  list: string,
  between: (page: number) => Promise<unknown> = async () => undefined
): Promise<string[][]> {
  const found: string[][] = []
  let next: Body | string | undefined = list
  while (next !== undefined && found.length < 20) {
    const reply = await send('GET', String(next))
    expect(reply.status).toBe(200)
    found.push(namesIn(reply))
    next = reply.body['nextLink']
    await between(found.length)
  }
  return found
}

describe('a list', () => {
  test('PAGE-01 PAGE-04 is one page of what lies there', async () => {
    const client = await armWithZone()
    const { send, done } = client
    const other = `${group}-2`
    await send('PUT', other, { location: 'eastus2' })
    await done('PUT', `${other}/providers/Microsoft.Network/privateDnsZones/contoso.org`, { location: 'global' })
    await done('PUT', `${zones}/contoso.net`, { location: 'global' })
    const inGroup = await send('GET', zones)
    expect(Object.keys(inGroup.body)).toEqual(['value'])
    expect(namesIn(inGroup).sort()).toEqual(['contoso.net', 'privatelink.contoso.net'])
    const everywhere = await send('GET', `${subscription}/providers/Microsoft.Network/privateDnsZones`)
    expect(namesIn(everywhere)).toEqual(expect.arrayContaining(['contoso.net', 'contoso.org', 'privatelink.contoso.net']))
    expect(namesIn(await send('GET', networks)).sort()).toEqual(['hub', 'spoke'])
    await done('DELETE', other)
  })

  test('PAGE-05 is refused beneath what is not there', async () => {
    const { send } = await armWithGroup()
    expect(refusalOf(await send('GET', `${networks}/nosuch/subnets`))).toEqual([404, 'ResourceNotFound'])
    expect(refusalOf(await send('GET', `${zone}/A`))).toEqual([404, 'ParentResourceNotFound'])
    const elsewhere = `${subscription}/resourceGroups/nosuch/providers/Microsoft.Network/virtualNetworks`
    expect(refusalOf(await send('GET', elsewhere))).toEqual([404, 'ResourceGroupNotFound'])
  })

  test('PAGE-06 of private DNS has at most a hundred in a page, whatever is asked for', async () => {
    const record = { properties: { ttl: 10, aRecords: [{ ipv4Address: '10.0.0.4' }] } }
    const names = Array.from({ length: 201 }, (_, index) => `r${index}`)
    const bodies = {
      [zone]: { location: 'global' },
      ...Object.fromEntries(names.map(name => [`${zone}/A/${name}`, record])),
      ...Object.fromEntries(names.slice(0, 100).map(name => [`${zones}/${name}.contoso.org`, { location: 'global' }]))
    }
    const client = await armWithGroup({ seed: bodies })
    const sizes = async (list: string): Promise<number[]> => (await pages(client, list)).map(page => page.length)
    expect(await sizes(`${zone}/A`)).toEqual([100, 100, 1])
    expect(await sizes(`${zone}/ALL?$top=1000`)).toEqual([100, 100, 2])
    expect(await sizes(`${zone}/A?$top=150`)).toEqual([100, 100, 1])
    expect(await sizes(zones)).toEqual([100, 1])
    const other = await armWithGroup({ seed: bodies, behaviours: { privateDnsPageSize: 0 } })
    expect((await pages(other, `${zone}/A`)).map(page => page.length)).toEqual([201])
  })

  ours('PAGE-02 has pages when they are asked for, of the size that was asked for', async () => {
    const client = await armWithGroup({ seed })
    expect(await pages(client, `${networks}?$top=2`)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    const paged = await armWithGroup({ seed, behaviours: { pageSize: 3 } })
    expect(await pages(paged, `${subscription}/providers/Microsoft.Network/virtualNetworks`)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e']
    ])
    expect(await pages(paged, `${networks}?$top=100`)).toHaveLength(2)
    expect(await pages(paged, `${subscription}/resourcegroups`)).toHaveLength(1)
  })

  ours('PAGE-03 neither repeats nor hides what was there all along', async () => {
    const client = await armWithGroup({ seed, behaviours: { pageSize: 2, networkOverlap: 'works' } })
    const found = await pages(client, networks, async page => {
      if (page !== 1) return
      await client.done('PUT', `${networks}/aa`, network)
      await client.done('PUT', `${networks}/cc`, network)
      await client.done('DELETE', `${networks}/b`)
    })
    expect(found.flat()).toEqual(['a', 'b', 'c', 'cc', 'd', 'e'])
  })

  ours('PAGE-02 PAGE-03 of a thousand comes in pages without loss', { timeout: 60_000 }, async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `n${String(at).padStart(4, '0')}`)
    const client = await armWithGroup({
      seed: Object.fromEntries(many.map(name => [`${networks}/${name}`, network])),
      behaviours: { pageSize: 60 }
    })
    const found = await pages(client, networks)
    expect([found.length, found.flat()]).toEqual([17, many])
  })
})
