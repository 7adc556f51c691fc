import type { Azure } from '../azure/azure.ts'
import { ArmError } from '../azure/error.ts'
import type { Body } from '../model/json.ts'
import { enableInteractiveAuthoring } from './interactiveAuthoring.ts'
import type { InvokeResult, Io } from './kind.ts'
import type { LinkedServiceBody } from './linkedServiceBody.ts'

const apiVersion = '2018-06-01'

interface Tested {
  readonly succeeded?: boolean
  readonly errors?: readonly { readonly code?: string | number; readonly message?: string }[]
}

/** So often authoring is turned on again that has gone off before the test. */
const testsMax = 8

/**
 * The call behind the portal's button, in no specification: what it takes is what a GET of the service gives [GH Azure-Player/azure.datafactory.tools].
 * Interactive authoring goes off by itself, and the test is refused then.
 */
export async function testConnection(io: Io, name: string): Promise<InvokeResult> {
  const { path, send } = io
  const service = (await send({ method: 'GET', path, apiVersion })) as Body & LinkedServiceBody
  const factory = path.split('/').slice(0, -2).join('/')
  const runtime = service.properties.connectVia?.referenceName
  const test = async () =>
    ((await send({ method: 'POST', path: `${factory}/testConnectivity`, apiVersion, body: { linkedService: service } })) ?? {}) as Tested
  for (let tests = 1; ; tests += 1) {
    const tested = await test().catch((error: unknown) => {
      if (tests === testsMax || !(error instanceof ArmError) || !isNotInteractive(error)) throw error
      return undefined
    })
    const mayBeOff = tested === undefined || (tests < testsMax && tested.errors?.some(isNotInteractive))
    if (!mayBeOff || runtime === undefined) return resultOf(tested ?? {}, name)
    await enableInteractiveAuthoring({ ...io, path: `${factory}/integrationRuntimes/${runtime}` })
  }
}

/** Data Factory's own word on whether a linked service connects; `unknown` where it does not say so. */
export interface ConnectionLook {
  readonly as: 'connects' | 'fails' | 'unknown'
  readonly message: string
}

/** Asks once, and turns nothing on for it: interactive authoring would be a write. @param path of the linked service */
export async function lookAtConnection({ send }: Azure, path: string): Promise<ConnectionLook> {
  const name = path.split('/').at(-1) ?? ''
  const factory = path.split('/').slice(0, -2).join('/')
  const off = (): ConnectionLook => ({
    as: 'unknown',
    message: `its runtime answers a test only while interactive authoring is on, which pglink turns on for an apply alone`
  })
  try {
    const service = (await send({ method: 'GET', path, apiVersion })) as Body & LinkedServiceBody
    const tested = ((await send({ method: 'POST', path: `${factory}/testConnectivity`, apiVersion, body: { linkedService: service } })) ??
      {}) as Tested
    if (tested.errors?.some(isNotInteractive)) return off()
    const { outcome, message } = resultOf(tested, name)
    return { as: outcome === 'ok' ? 'connects' : outcome === 'failed' ? 'fails' : 'unknown', message }
  } catch (error) {
    if (!(error instanceof ArmError)) throw error
    return isNotInteractive(error) ? off() : { as: 'unknown', message: error.message }
  }
}

const isNotInteractive = ({ code, message }: { readonly code?: string | number; readonly message?: string }): boolean =>
  /interactive ?(authoring|query)/i.test(`${code} ${message}`)

/** Says success in the words of the portal [HOWTO-ADF]. */
function resultOf({ succeeded, errors = [] }: Tested, name: string): InvokeResult {
  if (succeeded === true) return { outcome: 'ok', message: `Connection successful: ${name} connects.` }
  if (succeeded === undefined) return { outcome: 'cannot-tell', message: `Data Factory did not say whether ${name} connects.` }
  const why = errors.map(({ code, message }) => message ?? String(code ?? '')).filter(Boolean)
  return { outcome: 'failed', message: why.length > 0 ? why.join(' ') : `${name} does not connect, and Data Factory did not say why.` }
}
