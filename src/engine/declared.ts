import type { Worded } from '../model/option.ts'
import type { Desired } from '../model/resource.ts'
import { topologyFiles } from './files.ts'
import { load } from './load.ts'
import type { FileOptions } from './options.ts'
import type { Outcome } from './outcomes.ts'
import { settingsOf } from './settings.ts'
import { inArmTerms } from './topology.ts'

/** A picture needs no id that is right: where no subscription is given, this one stands for it. */
const anySubscription = '00000000-0000-0000-0000-000000000000'

/** Reads the resources that each file declares, and nothing else. As for `validate`, a variable that is not set is not known. @throws Stop */
export async function declared(options: FileOptions & Worded): Promise<Outcome<{ readonly name: string; readonly desired: Desired }>> {
  const given = settingsOf(options)
  const settings = { ...given, subscription: given.subscription ?? anySubscription }
  const loaded = await Promise.all((await topologyFiles(settings.files, settings.cwd)).map(file => load(file, 'validate', settings)))
  const sound = loaded.flatMap(one => (one.ok ? [one] : []))
  if (sound.length < loaded.length) return { sound: false, diagnostics: loaded.flatMap(one => one.diagnostics) }
  return { sound: true, diagnostics: [], topologies: sound.map(one => inArmTerms(one, settings)) }
}
