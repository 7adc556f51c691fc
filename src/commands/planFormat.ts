import { planFormatVersion } from '../report/formats.ts'
import { exitCodes } from './exitCodes.ts'
import { Stop } from './usage.ts'

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
    throw new Stop(
      exitCodes.invalid,
      `${path} has the format ${format} of a newer pglink, and this one reads ${planFormatVersion}. Plan again.`
    )
  throw new Stop(
    exitCodes.stale,
    `${path} has the format ${format} of an older pglink, which looked at less of the path to a server than this one (${planFormatVersion}). Nothing was changed. Plan again and look at it.`
  )
}
