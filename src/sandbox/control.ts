import { parseBehaviours } from './behaviours.ts'
import { isSteered } from './clock.ts'
import { parseFaultList } from './faults.ts'
import { type ArmBody, depthMax, isDeep, isObject, type Json, jsonIn } from './json.ts'
import { type RequestLog, requestLog } from './requestLog.ts'
import { parsePrincipalList, shownPrincipals } from './rights/principals.ts'
import type { InForce, Sandbox, SandboxOptions } from './sandbox.ts'
import type { SandboxState } from './state.ts'
import { stateOf } from './stateFile.ts'

/** Requests to the sandbox itself, not to the Azure that it plays. */
export interface Control {
  /** Undefined for an address that is not below `/_sandbox/`. */
  handle(request: Request): Promise<Response | undefined>
}

type Route = (asked: Asked) => Json | SandboxState | undefined | Promise<undefined>

interface Asked {
  readonly sandbox: Sandbox
  readonly log: RequestLog
  readonly body: Json
  readonly query: URLSearchParams
  /** The settings that the sandbox was started with. */
  readonly atStart: InForce
}

/** It cannot be done as it was asked for; nothing was changed. */
class BadRequest extends Error {}

/** By method and address, with what each does, which is also what `GET /_sandbox/` answers. */
const routes: Readonly<Record<string, readonly [says: string, route: Route]>> = {
  'GET /_sandbox': ['what there is below /_sandbox/', () => index()],
  'GET /_sandbox/log': ['the requests so far, and how many of each method and type; ?method= and ?type= leave out others', logged],
  'DELETE /_sandbox/log': ['forgets the requests so far', ({ log }) => log.clear()],
  'GET /_sandbox/clock': ['the time in the sandbox', ({ sandbox }) => timeIn(sandbox)],
  'POST /_sandbox/clock': ['{"advanceSeconds": n} or {"advanceTo": "an ISO time"} puts the clock forward', advance],
  'GET /_sandbox/behaviours': ['the switches', ({ sandbox }) => ({ ...sandbox.settings.behaviours })],
  'PATCH /_sandbox/behaviours': ['sets the switches that are sent', setBehaviours],
  'GET /_sandbox/faults': ['the faults, with how many requests each matched and how often it came', ({ sandbox }) => sandbox.faultReport()],
  'PUT /_sandbox/faults': ['a list of faults, in place of those there are', setFaults],
  'DELETE /_sandbox/faults': ['nothing goes wrong on purpose any more', clearFaults],
  'GET /_sandbox/principals': ['who can ask, and what each may do; with nobody, everybody can do everything', principalsNow],
  'PUT /_sandbox/principals': ['a list of principals, in place of those there are', setPrincipals],
  'GET /_sandbox/throttling': ['what is left of every limit on requests', ({ sandbox }) => sandbox.throttlingReport()],
  'DELETE /_sandbox/throttling': ['every limit as if nobody had asked for anything yet', noneCounted],
  'POST /_sandbox/seed': ['ARM bodies by id, put in place beside what is there', addSeed],
  'GET /_sandbox/state': ['the whole estate', ({ sandbox }) => sandbox.exportState()],
  'PUT /_sandbox/state': ['an estate in place of the one there is', load],
  'POST /_sandbox/reset': [
    'an empty estate, or {"seed"}; {"behaviours", "faults", "principals"} to begin with, else those at the start; {"random"} for its guids',
    begin
  ]
}

/** For whoever runs the sandbox: no client of Azure asks for any of it. */
export function control(sandbox: Sandbox, log: RequestLog = requestLog()): Control {
  const atStart = sandbox.settings
  return {
    async handle(request) {
      const { pathname, searchParams: query } = new URL(request.url)
      const path = pathname.replace(/\/+$/, '')
      if (path !== '/_sandbox' && !path.startsWith('/_sandbox/')) return undefined
      // Programs send none; a page that somebody has open in a browser must not steer what runs on the same machine.
      if (request.headers.has('origin')) return refusal(403, 'The sandbox does not take orders from pages in a browser.')
      const found = routes[`${request.method} ${path}`]
      if (found === undefined) return refusal(404, `There is no ${request.method} ${path}; GET /_sandbox/ lists what there is.`)
      try {
        const answer = await found[1]({ sandbox, log, body: bodyOf(await request.text()), query, atStart })
        return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer)
      } catch (error) {
        return refusal(400, error instanceof Error ? error.message : String(error))
      }
    }
  }
}

const refusal = (status: number, error: string): Response => Response.json({ error }, { status })

const index = (): Json => Object.fromEntries(Object.entries(routes).map(([route, [says]]) => [route, says]))

function bodyOf(text: string): Json {
  if (text.trim() === '') return {}
  const body = parsed(text)
  // An estate is bodies of resources within a list.
  if (isDeep(body, depthMax + 8)) throw new BadRequest(`The body is more than ${depthMax + 8} levels deep.`)
  return body
}

function parsed(text: string): Json {
  try {
    return jsonIn(text) as Json
  } catch (error) {
    throw new BadRequest(`The body ${(error as Error).message}.`)
  }
}

const timeIn = ({ clock }: Sandbox): Json => ({ now: new Date(clock.now()).toISOString(), speed: clock.speed ?? 1 })

function logged({ log, query }: Asked): Json {
  return log.report({ method: query.get('method'), type: query.get('type') })
}

function advance({ sandbox, body }: Asked): Json {
  if (!isSteered(sandbox.clock)) throw new BadRequest('This clock goes by itself and cannot be put forward.')
  sandbox.clock.advance(msAhead(isObject(body) ? body : {}, sandbox.clock.now()))
  return timeIn(sandbox)
}

/** @throws BadRequest naming what is wrong, before anything is changed */
function msAhead(asked: ArmBody, now: number): number {
  const ms = msAsked(asked, now)
  if (!(now + ms <= latestMs)) throw new BadRequest(`The clock goes no further than ${new Date(latestMs).toISOString()}.`)
  return ms
}

/** Later, dates cannot be written with four digits for the year. */
const latestMs = Date.UTC(9999, 11, 31)

/** @throws BadRequest naming the member that is wrong; the clock goes forward only */
function msAsked({ advanceSeconds, advanceTo, ...unknown }: ArmBody, now: number): number {
  const [other] = Object.keys(unknown)
  if (other !== undefined) throw new BadRequest(`"${other}" is not known; there are advanceSeconds, advanceTo.`)
  if ((advanceSeconds === undefined) === (advanceTo === undefined)) throw new BadRequest('Give "advanceSeconds" or "advanceTo".')
  if (advanceTo === undefined) {
    if (typeof advanceSeconds !== 'number' || !(advanceSeconds >= 0)) throw new BadRequest('"advanceSeconds" must be a number from 0.')
    return advanceSeconds * 1000
  }
  const time = typeof advanceTo === 'string' ? Date.parse(advanceTo) : Number.NaN
  if (Number.isNaN(time)) throw new BadRequest('"advanceTo" must be a time as ISO 8601 has it.')
  if (time < now) throw new BadRequest(`"advanceTo" is before ${new Date(now).toISOString()}, and the clock only goes forward.`)
  return time - now
}

function setBehaviours({ sandbox, body }: Asked): Json {
  sandbox.configure({ behaviours: parseBehaviours(body, 'the body') })
  return { ...sandbox.settings.behaviours }
}

function setFaults({ sandbox, body }: Asked): undefined {
  sandbox.configure({ faults: parseFaultList(body, 'the body') })
}

function principalsNow({ sandbox }: Asked): Json {
  return shownPrincipals(sandbox.settings.principals)
}

function setPrincipals({ sandbox, body }: Asked): undefined {
  sandbox.configure({ principals: parsePrincipalList(body, 'the body') })
}

function noneCounted({ sandbox }: Asked): undefined {
  sandbox.clearThrottling()
}

function clearFaults({ sandbox }: Asked): undefined {
  sandbox.configure({ faults: [] })
}

const bodiesOf = (body: Json): Record<string, ArmBody> =>
  Object.fromEntries(
    Object.entries(isObject(body) ? body : {}).map(([id, each]) => {
      if (!isObject(each)) throw new BadRequest(`The body of ${id} must be an object.`)
      return [id, each]
    })
  )

async function addSeed({ sandbox, body }: Asked): Promise<undefined> {
  await sandbox.add(bodiesOf(body))
}

async function load({ sandbox, body }: Asked): Promise<undefined> {
  await sandbox.reset({ state: stateOf(body, 'The body') })
}

function seedFrom(random: Json): number {
  if (typeof random !== 'number' || !Number.isInteger(random)) throw new BadRequest('"random" must be a whole number.')
  return random
}

async function begin({ sandbox, log, body, atStart }: Asked): Promise<undefined> {
  if (!isObject(body)) throw new BadRequest('The body must be an object.')
  const { seed, behaviours, faults, principals, random, ...unknown } = body
  const [other] = Object.keys(unknown)
  if (other !== undefined) throw new BadRequest(`"${other}" is not known; there are seed, behaviours, faults, principals, random.`)
  const given: Pick<SandboxOptions, 'seedBodies' | 'seed'> = {
    ...(seed !== undefined && { seedBodies: bodiesOf(seed) }),
    ...(random !== undefined && { seed: seedFrom(random) })
  }
  const settings: InForce = {
    behaviours: { ...atStart.behaviours, ...(behaviours !== undefined && parseBehaviours(behaviours, '"behaviours"')) },
    faults: faults === undefined ? atStart.faults : parseFaultList(faults, '"faults"'),
    principals: principals === undefined ? atStart.principals : parsePrincipalList(principals, '"principals"')
  }
  await sandbox.reset(given)
  sandbox.configure(settings)
  log.clear()
}
