import type { Topology } from '../../../src/model/topology.generated.ts'
import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts'
import { type Estate, estate, plan, type Settings, subscription } from '../../support/estate.ts'

/** The group that they name. */
export const group = `/subscriptions/${subscription}/resourceGroups/rg-case`

/** A group that the topologies of these tests do not name. */
export const other = `/subscriptions/${subscription}/resourceGroups/rg-other`

/** The least that a server of ours says, to stand below its key. */
export const small = `
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: case_admin, password: x }
    networking: { publicAccess: { enabled: false } }`

/** An estate with these bodies. @param refused requests, as `METHOD URL`, that this login may not make */
export const seeded = (seedBodies: Readonly<Record<string, unknown>>, options: Partial<SandboxOptions> = {}, refused?: RegExp): Estate =>
  estate({ seedBodies, ...options } as never, {}, async (request, sandbox) =>
    refused?.test(`${request.method} ${decodeURIComponent(request.url)}`)
      ? Response.json({ error: { code: 'AuthorizationFailed', message: 'not for you' } }, { status: 403 })
      : sandbox.handle(request)
  )

export const refusals = async (on: Estate, wanted: Topology, settings: Settings = {}) =>
  (await plan(on, wanted, settings)).plan.refusals.map(({ code, exit, address }) => `${code} ${exit} ${address}`)
