import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PlanDocument } from '../document/plan.generated.ts'
import { isPlanDocument, planProblem } from '../document/planDocument.ts'
import { planFormatVersion } from '../document/planVersion.ts'
import { Stop } from '../engine/stop.ts'
import { isBody, jsonIn, NoJson } from '../model/json.ts'
import { messageOf } from '../model/message.ts'

/** A plan, or a frame around several, has one of these from its first version on, and no topology has a key of that name. */
const membersOfPlans = ['format_version', 'foundation', 'digest', 'plans']

/** Whether a file is meant as a plan that was saved: by its content, under whatever name. One that was cut off is still one, and refused as such. */
export function isPlanFile(path: string, cwd: string): boolean {
  const file = resolve(cwd, path)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false
  const text = textOf(file)
  if (text === undefined || !/^\s*\{/.test(text)) return false
  try {
    const document: unknown = JSON.parse(text)
    return isBody(document) && membersOfPlans.some(name => Object.hasOwn(document, name))
  } catch {
    return membersOfPlans.some(name => text.includes(`"${name}"`))
  }
}

/** @throws Stop where it cannot be read, or is no JSON */
export function planFileIn(path: string, cwd: string): unknown {
  try {
    return jsonIn(readFileSync(resolve(cwd, path), 'utf8'))
  } catch (error) {
    throw noPlan(path, error instanceof NoJson ? `it ${error.message}.` : messageOf(error))
  }
}

/** The plans of a file, which may hold several. @throws Stop when it is no plan of ours */
export function plansIn(path: string, cwd: string): readonly PlanDocument[] {
  const document = planFileIn(path, cwd)
  const several = isBody(document) && Array.isArray(document['plans']) ? (document['plans'] as readonly unknown[]) : [document]
  return several.map(one => {
    const format = isBody(one) ? one.format_version : undefined
    if (typeof format === 'string' && isFormat(format)) refuseOtherFormat(path, format)
    if (!isPlanDocument(one)) throw noPlan(path, `${planProblem(one) ?? ''}. Plan again.`)
    return one
  })
}

export const noPlan = (path: string, why: string): Stop => new Stop('invalid', `${path} is not a plan that pglink saved: ${why}`)

/** `undefined` where it may not be read: the reader of a topology says why. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Whether it is written as a version is. */
export const isFormat = (format: string): boolean => /^\d{1,4}\.\d{1,4}$/.test(format)

/**
 * An older plan has moved by what this pglink sees and that one did not; a newer one is no file that this pglink knows.
 *
 * @throws Stop
 */
export function refuseOtherFormat(path: string, format: string): void {
  const [known, given] = [planFormatVersion, format].map(one => Number(one.split('.')[0])) as [number, number]
  if (given === known) return
  if (given > known)
    throw new Stop('invalid', `${path} has the format ${format} of a newer pglink, and this one reads ${planFormatVersion}. Plan again.`)
  throw new Stop(
    'stale',
    `${path} has the format ${format} of an older pglink, which looked at less of the path to a server than this one (${planFormatVersion}). Nothing was changed. Plan again and look at it.`
  )
}
