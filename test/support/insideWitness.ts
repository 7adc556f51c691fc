/*
 * A witness does not share the suspect's notes: this file knows Azure's addresses and bodies, and imports nothing. It looks at a server that
 * lies in a virtual network, as its clients find it there.
 */

type Ask = (request: Request) => Promise<Response>

/** A server that lies in a virtual network, by ARM ids. */
interface Inside {
  readonly server: string
  readonly subnet: string
  readonly zone: string
  readonly network: string
}

// Bodies are read without a schema: a member that is not there is as good as empty.
interface Body {
  readonly value?: readonly Body[]
  readonly properties?: {
    readonly state?: string
    readonly network?: { readonly delegatedSubnetResourceId?: string; readonly privateDnsZoneArmResourceId?: string }
    readonly delegations?: readonly unknown[]
    readonly virtualNetwork?: { readonly id?: string }
    readonly aRecords?: readonly unknown[]
  }
}

/** The body at a path; an empty one where there is nothing. */
async function bodyAt(ask: Ask, path: string): Promise<Body> {
  const version = /DBforPostgreSQL/i.test(path) ? '2025-08-01' : /privateDnsZones/i.test(path) ? '2020-06-01' : '2024-05-01'
  const url = `https://management.azure.com${path}?api-version=${version}`
  const answer = await ask(new Request(url, { headers: { authorization: 'Bearer witness' } }))
  return answer.status === 200 ? ((await answer.json()) as Body) : {}
}

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase()

/**
 * Whatever keeps clients in the network from the server, a sentence each.
 *
 * @returns `undefined` where it lies there no more, or is on its way out: Azure is at work on it
 */
export async function brokenInside(ask: Ask, { server, subnet, zone, network }: Inside): Promise<string[] | undefined> {
  const { properties: is } = await bodyAt(ask, server)
  if (is?.state !== 'Ready' || is.network?.delegatedSubnetResourceId === undefined) return undefined
  const { delegations = [] } = (await bodyAt(ask, subnet)).properties ?? {}
  const { value: links = [] } = await bodyAt(ask, `${zone}/virtualNetworkLinks`)
  const { value: records = [] } = await bodyAt(ask, `${zone}/A`)
  const holds: readonly (readonly [boolean, string])[] = [
    [same(is.network.delegatedSubnetResourceId, subnet), 'it lies in another subnet'],
    [delegations.length > 0, 'its subnet is not delegated, or gone'],
    [same(is.network.privateDnsZoneArmResourceId, zone), 'it has another zone'],
    [links.some(one => same(one.properties?.virtualNetwork?.id, network)), 'its zone is not linked to its network'],
    [records.some(one => (one.properties?.aRecords ?? []).length > 0), 'it has no record in its zone']
  ]
  return holds.flatMap(([as, sentence]) => (as ? [] : [sentence]))
}
