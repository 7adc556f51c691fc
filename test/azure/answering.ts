import { group } from './rig.ts'

export const lock = `${group}/providers/Microsoft.Authorization/locks/keep`
export const hub = `${group}/providers/Microsoft.Network/virtualNetworks/hub`
export const html = '<!doctype html><title>Sign in to the hotel</title>'
export const at = 'https://management.azure.com'

/** Answers in turn; the last one for ever. */
export function inTurn(...answers: readonly (() => Response)[]) {
  let asked = 0
  return async (): Promise<Response> => {
    asked += 1
    return answers[Math.min(asked, answers.length) - 1]?.() ?? new Response()
  }
}

export const body = (text: string | null, type = 'application/json', status = 200) =>
  new Response(text, { status, headers: { 'content-type': type } })

export const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error
  )
