import { connectionDocument, decisionDocument } from '../document/connectionJson.ts'
import { connectionAt, type Decided, decide, type Verb } from '../engine/connectionDecision.ts'
import { type Cloud, listConnections as list } from '../engine/connections.ts'
import type { Notice } from '../engine/host.ts'
import { UsageError } from '../engine/stop.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import { privateEndpoint } from '../kinds/privateEndpoint.ts'
import { privateEndpointConnection } from '../kinds/privateEndpointConnection.ts'
import type { Ending } from '../model/ending.ts'
import { typeOf } from '../model/id.ts'
import { asIs, jsonText, printed } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { connectionTable, connectionText } from '../report/connectionText.ts'
import type { Flags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/** One of these by the table of flags. */
const cloudOf = ({ cloud }: Flags): Cloud => (cloud ?? 'AzureCloud') as Cloud

/** Shows who is connected to the servers of each topology, of those named, or of a subscription, and who asks to be. Writes nothing. */
export async function listConnections(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  for (const id of flags.server)
    if (!isIdOf(id, flexibleServer.type)) throw new UsageError(`--server takes the ARM id of a server, not ${JSON.stringify(id)}.`)
  const asked = { servers: flags.server, all: flags.all, cloud: cloudOf(flags) }
  const outcome = await list(optionsOf(given, flags, terminal), asked, hostOn({ flags, terminal }))
  if (!outcome.sound) return 'invalid'
  const connections = outcome.topologies.flat().map(connectionDocument)
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', connections }))
  else if (connections.length === 0) terminal.out('No connections.\n')
  else {
    terminal.out(printed`${asIs(connectionTable(connections, terminal.columns))}`)
    const open = connections.filter(({ state }) => state === 'Pending')
    const lines = open.map(({ id }) => `  ${shellLine(['pglink', 'connections', 'show', id, ...estateFlags(flags)])}\n`)
    if (open.length > 0) terminal.out(printed`\nThese wait for a decision. Look at one:\n${asIs(lines.join(''))}`)
  }
  return 'ok'
}

/** Shows one connection with all that a person decides by, and the lines that decide. Writes nothing. */
export async function showConnection([id = '']: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const asked = { connection: connectionId(id), cloud: cloudOf(flags) }
  const view = await connectionAt(optionsOf(fileOf(flags), flags, terminal), asked, hostOn({ flags, terminal }))
  if (view === undefined) return 'invalid'
  const one = connectionDocument(view)
  if (flags.json) terminal.out(jsonText({ format_version: '1.0', connection: one }))
  else {
    terminal.out(printed`Connection ${one.name}\n${asIs(connectionText(one))}`)
    const { endpoint_id: endpoint, state } = one
    const verbs = state === 'Pending' ? ['approve', 'reject'] : state === 'Approved' ? ['reject', 'remove'] : ['remove']
    const lines = verbs.map(
      verb => `  ${shellLine(['pglink', 'connections', verb, one.id, '--expect', endpoint ?? '', ...estateFlags(flags)])}\n`
    )
    if (endpoint !== null) terminal.out(printed`\nTo decide:\n${asIs(lines.join(''))}`)
  }
  return 'ok'
}

/** The command that makes this decision. */
export const deciding =
  (verb: Verb) =>
  (given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> =>
    decideOn(verb, given, flags, terminal)

async function decideOn(verb: Verb, [id = '']: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const { expect: expected } = flags
  if (expected === undefined)
    throw new UsageError(
      'Give --expect with the ARM id of the endpoint that the connection has to come from: `pglink connections show ID` prints it.'
    )
  if (!isIdOf(expected, privateEndpoint.type))
    throw new UsageError(`--expect takes the full ARM id of a private endpoint, not ${JSON.stringify(expected)}.`)
  const asked = { connection: connectionId(id), verb, expected, response: flags.response, cloud: cloudOf(flags) }
  const own = (notice: Notice): boolean => {
    if (notice.type === 'deciding') terminal.err(printed`${notice.what.replace(/^./, first => first.toUpperCase())}...\n`)
    return notice.type === 'deciding'
  }
  const decided = await decide(optionsOf(fileOf(flags), flags, terminal), asked, hostOn({ flags, terminal, own }))
  if (decided === undefined) return 'invalid'
  if (flags.json) terminal.out(jsonText(decisionDocument(decided)))
  else terminal.out(printed`${decidedText(decided)}\n`)
  return decided.ending
}

/** Tells of an end only what a read has shown. */
function decidedText({ written, view, from, verb, ending }: Decided): string {
  const name = view.id.split('/').at(-1) ?? ''
  const { status, otherEnd } = view
  if (!written) return `${name} is ${status} already. Nothing was written.`
  if (verb === 'remove')
    return status === 'Removed' ? `${name} was ${from}, and is gone from the server.` : `${name} is still there: Azure is removing it.`
  const other =
    'unread' in otherEnd
      ? `The other end is not known: ${otherEnd.unread}.`
      : otherEnd.status === status
        ? 'The endpoint shows it, too.'
        : `The endpoint still shows ${otherEnd.status}${ending === 'waiting' ? ': look again later' : ''}.`
  return `${name} was ${from}, and is ${status} at the server. ${other}`
}

/** @throws UsageError for anything but one full id */
function connectionId(id: string): string {
  if (isIdOf(id, privateEndpointConnection.type)) return id
  throw new UsageError(
    `A decision takes one full ARM id of a private endpoint connection of a server, no name and no pattern, not ${JSON.stringify(id)}. \`pglink connections list --json\` has the ids.`
  )
}

/** Whether it is one full ARM id of this type, with nothing in it that stands for more. */
const isIdOf = (id: string, type: string): boolean =>
  /^\/subscriptions\/[^/?#%*]+\/resourceGroups\/[^/?#%*]+\/providers(\/[^/?#%*]+){3,5}$/i.test(id) && typeOf(id) === type.toLowerCase()

/** A decision reads a file only where one is named. */
const fileOf = ({ file }: Flags): readonly string[] => (file === undefined ? [] : [file])

/** The flags by which the next command meets the same Azure. */
const estateFlags = ({ sandbox, sandboxState, armEndpoint, cloud, file }: Flags): readonly string[] => [
  ...(file === undefined ? [] : ['--file', pathWord(file)]),
  ...(cloud === undefined ? [] : ['--cloud', cloud]),
  ...(sandbox ? ['--sandbox'] : []),
  ...(sandboxState === undefined ? [] : ['--sandbox-state', sandboxState]),
  ...(armEndpoint === undefined ? [] : ['--arm-endpoint', armEndpoint])
]
