import type { EstateOption } from '../engine/options.ts'
import { UsageError } from '../engine/stop.ts'
import { eachConsent } from '../model/consents.ts'
import { duties } from '../model/duty.ts'
import type { ApplyOptions, DriftOptions, FileOptions, PlanOptions } from './options.ts'

type Shape = 'text' | 'texts' | 'duty' | 'switch' | 'count' | 'count from 1' | 'function' | 'object' | 'signal'
type Takes<Options> = { readonly [Name in keyof Options]-?: Shape }

const ofFiles: Takes<FileOptions> = {
  files: 'texts',
  cwd: 'text',
  env: 'text',
  envFile: 'texts',
  environment: 'object',
  allowEnv: 'texts',
  subscription: 'text',
  log: 'function'
}
const ofDrift: Takes<DriftOptions> = {
  ...ofFiles,
  estate: 'object',
  lockIdentity: 'text',
  dataDir: 'text',
  baseline: 'text',
  journal: 'text',
  maxReadsPerMinute: 'count from 1',
  signal: 'signal',
  onEvent: 'function'
}
const { lockIdentity: _login, baseline: _earlier, journal: _brought, ...ofVerify } = ofDrift
const ofPlan: Takes<PlanOptions> = {
  ...ofDrift,
  prune: 'switch',
  ...eachConsent(() => 'texts' as const),
  target: 'texts',
  exclude: 'texts',
  duty: 'duty',
  maxDeletes: 'count',
  liftInheritedLocks: 'switch',
  journalOnlyMemory: 'switch'
}
const ofApply: Takes<ApplyOptions> = { ...ofPlan, planDigest: 'text', parallelism: 'count from 1', resume: 'switch' }

/** The options of each function. An option that it would pass over in silence is refused. */
const takes = { validate: ofFiles, drift: ofDrift, verify: ofVerify, plan: ofPlan, apply: ofApply } as const

export type FunctionName = keyof typeof takes

const isText = (value: unknown): boolean => typeof value === 'string'

const fits: { readonly [S in Shape]: { readonly says: string; readonly holds: (value: unknown) => boolean } } = {
  text: { says: 'a text', holds: isText },
  texts: { says: 'a text or an array of texts', holds: value => [value].flat().every(isText) },
  duty: { says: `one of ${duties.join(', ')}`, holds: value => duties.some(duty => duty === value) },
  switch: { says: 'true or false', holds: value => typeof value === 'boolean' },
  count: { says: 'a whole number from 0', holds: value => Number.isInteger(value) && Number(value) >= 0 },
  'count from 1': { says: 'a whole number from 1', holds: value => Number.isInteger(value) && Number(value) >= 1 },
  function: { says: 'a function', holds: value => typeof value === 'function' },
  object: { says: 'an object', holds: value => typeof value === 'object' && value !== null && !Array.isArray(value) },
  signal: { says: 'an AbortSignal', holds: value => value instanceof AbortSignal }
}

/** @throws UsageError for an option that there is not, or a value that does not fit: a program in JavaScript has no types to say so */
export function checkOptions(name: FunctionName, options: unknown): asserts options is Partial<ApplyOptions> {
  if (!fits.object.holds(options)) throw new UsageError(`${name}() takes an object of options.`)
  const known = new Map<string, Shape>(Object.entries(takes[name]))
  for (const [option, value] of Object.entries(options as object)) {
    const shape = known.get(option)
    if (shape === undefined) throw new UsageError(`${name}() has no option ${option}. It has: ${[...known.keys()].join(', ')}.`)
    const { says, holds } = fits[shape]
    if (value !== undefined && !holds(value)) throw new UsageError(`The option ${option} of ${name}() is ${says}.`)
  }
}

const ofSandbox: readonly string[] = ['state', 'seed', 'faults', 'log']

const estateHelp = "Give { sandbox: true }, { armEndpoint, token } or { azure: credential }, or { azure: 'default' }."

/** @throws UsageError unless it is one of the three, whole */
function checkEstate(estate: EstateOption): void {
  const [which, ...others] = ['sandbox', 'armEndpoint', 'azure'].filter(name => name in estate)
  if (which === undefined || others.length > 0) throw new UsageError(`The option estate is one place. ${estateHelp}`)
  if ('armEndpoint' in estate) {
    if (!isText(estate.armEndpoint) || !isText(estate.token) || estate.token === '')
      throw new UsageError('An estate with armEndpoint needs its token, too.')
    return
  }
  if ('azure' in estate) {
    const { azure } = estate
    if (azure !== 'default' && typeof azure?.getToken !== 'function')
      throw new UsageError(`The estate's azure is a credential, such as one of @azure/identity, or 'default'. ${estateHelp}`)
    return
  }
  const { sandbox } = estate
  if (sandbox === true) return
  if (!fits.object.holds(sandbox)) throw new UsageError(`The estate's sandbox is true or an object. ${estateHelp}`)
  for (const [name, value] of Object.entries(sandbox))
    if (value !== undefined && !(name === 'throttle' ? fits.switch.holds(value) : ofSandbox.includes(name) && isText(value)))
      throw new UsageError(`The sandbox takes the names of files: ${ofSandbox.join(', ')}, and throttle: true, and not ${name}.`)
}

/** @throws UsageError where there is none: what is read and written to is never a guess */
export function mustHaveEstate(name: FunctionName, { estate }: Partial<ApplyOptions>): void {
  if (estate === undefined) throw new UsageError(`${name}() needs the option estate. ${estateHelp}`)
  checkEstate(estate)
}
