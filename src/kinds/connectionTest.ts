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

const isNotInteractive = ({ code, message }: { readonly code?: string | number; readonly message?: string }): boolean =>
  /interactive ?(authoring|query)/i.test(`${code} ${message}`)

function resultOf({ succeeded, errors = [] }: Tested, name: string): InvokeResult {
  if (succeeded === true) return { outcome: 'ok', message: `${name} connects.` }
  if (succeeded === undefined) return { outcome: 'cannot-tell', message: `Data Factory did not say whether ${name} connects.` }
  const why = errors.map(({ code, message }) => message ?? String(code ?? '')).filter(Boolean)
  return { outcome: 'failed', message: why.length > 0 ? why.join(' ') : `${name} does not connect, and Data Factory did not say why.` }
}
