import { until } from '../azure/deadline.ts'
import { ArmError } from '../azure/error.ts'
import { growingMs } from '../azure/poll.ts'
import type { InvokeResult, Io } from './kind.ts'

const apiVersion = '2018-06-01'
const defaultMinutes = 10

/** So often it is turned on again that has gone off before a look has seen it on. */
const asksMax = 8

interface Status {
  readonly properties?: {
    readonly type?: string
    readonly typeProperties?: { readonly interactiveQuery?: { readonly status?: string; readonly autoTerminationMinutes?: number } }
  }
}

const queryOf = (now: Status | undefined) => now?.properties?.typeProperties?.interactiveQuery
const isOn = (now: Status | undefined): boolean => /^enabled$/i.test(queryOf(now)?.status ?? '')
const isOff = (now: Status | undefined): boolean => /^disabled$/i.test(queryOf(now)?.status ?? '')

/**
 * Turns interactive authoring of a runtime on, and waits until it is. The SDK has no operation for it, and its status model drops the member
 * that tells [AZAPI-ADF]. It goes off by itself: where that was sooner than a look, we turn it on again, and look twice as often.
 *
 * @param path of the runtime
 * @param minutes without them for as long as it was on before
 */
export async function enableInteractiveAuthoring(
  { path, azure, say, send }: Pick<Io, 'path' | 'azure' | 'say' | 'send'>,
  minutes?: number
): Promise<InvokeResult> {
  const name = path.split('/').at(-1) ?? ''
  const status = async () => (await send({ method: 'POST', path: `${path}/getStatus`, apiVersion })) as Status | undefined
  const first = await status()
  if (/^selfhosted$/i.test(first?.properties?.type ?? ''))
    return { outcome: 'ok', message: `${name} is self-hosted and needs no interactive authoring.` }
  if (isOn(first)) return { outcome: 'ok', message: `Interactive authoring is on already on ${name}.` }
  const asked = minutes ?? queryOf(first)?.autoTerminationMinutes ?? defaultMinutes
  const ask = () =>
    send({ method: 'POST', path: `${path}/enableInteractiveQuery`, apiVersion, body: { autoTerminationMinutes: asked }, mayBeEmpty: true })
  await ask()
  say(`waiting for interactive authoring on ${name}`)
  let [asks, looks] = [1, 0]
  // Asked in vain so often, it is looked at as seldom as anything.
  const everyMs = (): number => growingMs(looks) / (asks < asksMax ? 2 ** (asks - 1) : 1)
  await until({ azure, everyMs, limitMs: 15 * 60_000, what: `interactive authoring on ${name} is not on` }, async () => {
    for (;;) {
      const now = await status()
      looks += 1
      if (isOn(now)) return true
      // The first look may be behind the call.
      if (!isOff(now) || looks === 1 || asks === asksMax) return undefined
      await ask()
      asks += 1
      looks = 0
    }
  })
  return { outcome: 'ok', message: `Interactive authoring is on for ${asked} minutes on ${name}.` }
}

/** A call that Data Factory may not offer. @param refusal goes on with Azure's own words */
export async function offered(refusal: string, call: () => Promise<InvokeResult>): Promise<InvokeResult> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof ArmError) || ![400, 404, 405].includes(error.status)) throw error
    return { outcome: 'cannot-tell', message: `${refusal}: ${error.message}` }
  }
}
