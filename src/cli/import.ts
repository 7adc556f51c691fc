import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Imported, type ImportWanted, importInto } from '../engine/import.ts'
import { schemaFor } from '../engine/packageFile.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { writeWhole } from '../engine/wholeFile.ts'
import { idsInState, NoState } from '../import/terraform.ts'
import { dataFactory } from '../kinds/dataFactory.ts'
import { flexibleServer } from '../kinds/flexibleServer.ts'
import type { Kind } from '../kinds/kind.ts'
import { privateDnsZone } from '../kinds/privateDnsZone.ts'
import { resourceGroup } from '../kinds/resourceGroup.ts'
import { virtualNetwork } from '../kinds/virtualNetwork.ts'
import { type Ending, worst } from '../model/ending.ts'
import { resourceId, typeOf } from '../model/id.ts'
import { kebab } from '../model/kebab.ts'
import { messageOf } from '../model/message.ts'
import { asIs, printable, printed } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import type { FlagName, Flags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import type { Surroundings } from './terminal.ts'

/**
 * Writes the topology of what is there, with requests that only read. Whatever may not be read is named in the file, which is written
 * all the same: the run is partly done then. Where what is there breaks rules, the file is not valid, and the run ends with `changes`.
 */
export async function importEstate(_: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const wanted = withState(wantedFrom(flags), flags, terminal)
  const file = targetOf(flags, terminal)
  const options = optionsOf([file ?? 'topology.yaml'], flags, terminal)
  const imported = await importInto(options, wanted, hostOn({ flags, terminal }))
  const say = file === undefined ? terminal.err : terminal.out
  if (file === undefined) terminal.out(printed`${asIs(imported.text)}`)
  else write(file, imported.text, flags, terminal)
  say(printed`${asIs(summary(imported, file, flags))}`)
  return endingOf(imported)
}

/** @throws UsageError where nothing is asked for, or an id is of something else */
function wantedFrom({ server, factory, resourceGroup: groups, own, terraformState, cloud, topologyName, lowerRules }: Flags): ImportWanted {
  if (server.length + factory.length + groups.length === 0 && terraformState === undefined)
    throw new UsageError(
      'Give what to import: --server ID, --factory ID or --resource-group ID, each as often as you like, or --terraform-state FILE.'
    )
  for (const [flag, ids, kinds] of [
    ['server', server, [flexibleServer]],
    ['factory', factory, [dataFactory]],
    ['resourceGroup', groups, [resourceGroup]],
    ['own', own, [virtualNetwork, privateDnsZone, resourceGroup]]
  ] as const)
    for (const id of ids) mustBe(flag, id, kinds)
  if (topologyName !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(topologyName))
    throw new UsageError('--topology-name takes 1 to 63 letters, digits, dots, underscores and hyphens, and begins with a letter or digit.')
  return {
    servers: server,
    factories: factory,
    groups,
    own,
    also: [],
    theirs: [],
    // One of these by the table of flags.
    cloud: (cloud ?? 'AzureCloud') as ImportWanted['cloud'],
    name: topologyName,
    lowerRules,
    said: new Map()
  }
}

/** Two tools that own one thing would change it back and forth. */
const alsoInState = 'also in Terraform state: remove it there before `adopt`'

/** @throws Stop where the file is no state */
function withState(wanted: ImportWanted, { terraformState: file }: Flags, { cwd }: Surroundings): ImportWanted {
  if (file === undefined) return wanted
  try {
    const { managed, data } = idsInState(readFileSync(resolve(cwd, file), 'utf8'))
    return { ...wanted, also: managed, theirs: data, said: new Map(managed.map(id => [resourceId(id), alsoInState])) }
  } catch (error) {
    const why = error instanceof NoState ? error.message : `cannot be read: ${(error as Error).message}`
    throw new Stop('invalid', `${file} ${why}.`)
  }
}

function mustBe(flag: FlagName, id: string, kinds: readonly Kind[]): void {
  const isId = /^\/subscriptions\/[^/?#%]+\/resourceGroups\/[^/?#%]+(\/providers(\/[^/?#%]+){3})?$/i.test(id)
  if (isId && kinds.some(({ type }) => type.toLowerCase() === typeOf(id))) return
  const of = kinds.map(({ title }) => `a ${title}`).join(', or ')
  throw new UsageError(`--${kebab(flag)} takes the ARM id of ${of}, as the portal and \`az\` show it, not ${JSON.stringify(id)}.`)
}

/** The file to write; none for standard output. @throws Stop where it is there already, or cannot be */
function targetOf({ out, force }: Flags, { cwd }: Surroundings): string | undefined {
  if (out === undefined || out === '-') return undefined
  const isFolder = statSync(resolve(cwd, out), { throwIfNoEntry: false })?.isDirectory() === true
  const file = isFolder ? join(out, 'topology.yaml') : out
  if (!statSync(dirname(resolve(cwd, file)), { throwIfNoEntry: false })?.isDirectory())
    throw new Stop('error', `--out ${out} cannot be written: there is no such folder. Make it first, or name another.`)
  if (!force && statSync(resolve(cwd, file), { throwIfNoEntry: false }) !== undefined) throw taken(file)
  return file
}

const taken = (file: string): Stop =>
  new Stop('refused', `${file} is there already, and nothing was written over it. Name another file, or give --force.`)

/** Without `--force` never over a file that came meanwhile. @throws Stop */
function write(file: string, text: string, { force }: Flags, { cwd }: Surroundings): void {
  const path = resolve(cwd, file)
  const schema = schemaFor(dirname(path))
  const cannot = (error: unknown): Stop => new Stop('error', `${file} cannot be written: ${messageOf(error)}`)
  try {
    for (const one of schema) mkdirSync(dirname(one.path), { recursive: true })
  } catch (error) {
    throw cannot(error)
  }
  writeWhole([{ path, text, isNew: !force }, ...schema], (_, error) =>
    (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(file) : cannot(error)
  )
}

const endingOf = ({ errors, found }: Imported): Ending =>
  worst(['ok', errors.length > 0 ? 'changes' : 'ok', found.unread.length > 0 ? 'partial' : 'ok'])

function summary({ composed, found, errors, broken, changes }: Imported, file: string | undefined, flags: Flags): string {
  const { byId, left, count, secrets } = composed
  const lines = [
    `${file === undefined ? 'Imported' : `Wrote ${printable(file)}:`} ${count === 1 ? '1 entry' : `${count} entries`}, ${byId.length} of them by their id.`,
    ...byId.map(({ address, reason }) => `  ${printable(address)}: ${printable(reason)}`),
    ...left.map(one => `  ${printable(one)}`),
    ...new Set(found.unread.map(({ what, why }) => `Not read: ${printable(what)} (${printable(why)})`)),
    ...[...broken].map(([id, said]) => `${flags.lowerRules ? 'Lowered' : 'Broken'}: ${id}, ${printable(said)}`),
    ...changes.map(one => `A plan would change ${printable(one)}`),
    ...(errors.length > 0 ? ['The file is not valid as it is: read the comment at its end, or give --lower-rules.'] : []),
    ...(file === undefined || errors.length > 0 ? [] : ['', `Read it, and then: ${planLine(file, secrets, flags)}`])
  ]
  return `${lines.join('\n')}\n`
}

/** Secrets are sent with a change of them alone, and their variables need no value before that. */
const planLine = (file: string, secrets: readonly string[], { sandbox, sandboxState, armEndpoint }: Flags): string =>
  shellLine([
    'pglink',
    'plan',
    pathWord(file),
    ...secrets.flatMap(name => ['--allow-env', name]),
    ...(sandbox ? ['--sandbox'] : []),
    ...(sandboxState === undefined ? [] : ['--sandbox-state', sandboxState]),
    ...(armEndpoint === undefined ? [] : ['--arm-endpoint', armEndpoint])
  ])
