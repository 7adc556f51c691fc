import { type ResourceDocument, resourceDocuments } from '../document/resourceJson.ts'
import { mustDeclare } from '../engine/entries.ts'
import { topologyFiles } from '../engine/files.ts'
import type { PlannedTopology } from '../engine/outcomes.ts'
import { pictured } from '../engine/plan.ts'
import { UsageError } from '../engine/stop.ts'
import { type Ending, worst } from '../model/ending.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { outputText, resourceText } from '../report/resourceText.ts'
import type { Flags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/** Shows one entry as Azure has it. A resource that is not there ends it as `error`, one that may not be read as `waiting`. */
export async function show([address = '']: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const files = await topologyFiles(flags.file === undefined ? [] : [flags.file], terminal.cwd)
  const [file = '', ...more] = files
  if (more.length > 0) throw new UsageError('show is about an entry of one topology; there are several.')
  const [topology] = (await read(files, flags, terminal)) ?? []
  if (topology === undefined) return 'invalid'
  mustDeclare(file, topology.planned.desired, [address])
  const one = resourceDocuments(topology.planned).find(found => found.address === address)
  if (one === undefined) return 'error'
  terminal.out(flags.json ? jsonText({ format_version: '1.0', resource: one }) : printed`${asIs(resourceText(one))}`)
  return one.state === 'absent' ? 'error' : one.state === 'unreadable' ? 'waiting' : 'ok'
}

/** Prints ids, names and private addresses of what the topologies declare and Azure has. An entry that may not be read is told, and ends it as `partial`. */
export async function output(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const files = await topologyFiles(given, terminal.cwd)
  const topologies = await read(files, flags, terminal)
  if (topologies === undefined) return 'invalid'
  const all = topologies.map(({ planned }) => ({ topology: planned.topology.name, resources: resourceDocuments(planned) }))
  const outputs = all.map(({ topology, resources }) => ({ topology, resources: resources.filter(({ state }) => state === 'present') }))
  const unread = all.flatMap(({ resources }) => resources.filter(({ state }) => state === 'unreadable'))
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', outputs: outputs.map(shortened) }))
  else for (const { resources } of outputs) terminal.out(printed`${asIs(outputText(resources))}`)
  for (const { address, reason } of unread) terminal.err(printed`Not read: ${address}: ${reason ?? ''}\n`)
  return worst(['ok', unread.length > 0 ? 'partial' : 'ok'])
}

const shortened = ({ topology, resources }: { readonly topology: string; readonly resources: readonly ResourceDocument[] }) => ({
  topology,
  resources: resources.map(({ address, type, id, fqdn, addresses, connection }) => ({ address, type, id, fqdn, addresses, connection }))
})

async function read(files: readonly string[], flags: Flags, terminal: Surroundings): Promise<readonly PlannedTopology[] | undefined> {
  const outcome = await pictured(optionsOf(files, flags, terminal), hostOn({ flags, terminal }))
  return outcome.sound ? outcome.topologies : undefined
}
