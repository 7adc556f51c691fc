import { graphOf, type NamedGraph, oneGraph, type TopologyGraph } from '../document/graph.ts'
import { declared as declaredIn } from '../engine/declared.ts'
import { UsageError } from '../engine/stop.ts'
import type { Ending } from '../model/ending.ts'
import { kebab } from '../model/kebab.ts'
import { asIs, printed } from '../model/printable.ts'
import { diagnosticsText } from '../report/diagnostics.ts'
import { type FlagName, type Flags, isGiven, planFlags, topologyFlags } from './flags.ts'
import { hostOn } from './host.ts'
import { optionsOf } from './options.ts'
import { isPlanFile, plansIn } from './planFormat.ts'
import type { Surroundings } from './terminal.ts'

type Draw = (graph: TopologyGraph) => string

/** Each is loaded when it is asked for: the layout of an SVG is nothing that a mermaid text should wait for. */
const formats: Readonly<Record<string, () => Promise<Draw>>> = {
  mermaid: async () => (await import('../report/mermaid.ts')).mermaidOf,
  dot: async () => (await import('../report/dot.ts')).dotOf,
  svg: async () => (await import('../report/svg.ts')).svgOf
}

/**
 * Prints the topology as a picture: what a file declares, what a saved plan changes, or, where the flags say where to read, what a
 * plan made now would change. A refused plan is drawn, too: the picture says what would happen, not that it may.
 */
export async function graph(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<Ending> {
  const draw = await formats[flags.format ?? 'mermaid']?.()
  const graphs = await graphsOf(given, flags, terminal)
  if (graphs === undefined || draw === undefined) return 'invalid'
  terminal.out(draw(oneGraph(graphs)))
  return 'ok'
}

/** `undefined` when a file is not sound; what is wrong has been printed. */
function graphsOf(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<readonly NamedGraph[] | undefined> {
  const reads = [
    ...(flags.live ? ['--live'] : []),
    ...(flags.sandbox ? ['--sandbox'] : []),
    ...(flags.armEndpoint === undefined ? [] : ['--arm-endpoint'])
  ]
  // `--live` asks for a read, and either of the others says of what: PGLINK_ARM_ENDPOINT may stand for all commands.
  if (flags.sandbox && flags.armEndpoint !== undefined)
    throw new UsageError('Give --sandbox or --arm-endpoint: one of them says what is read.')
  const [path = ''] = given
  const plan = given.find(one => isPlanFile(one, terminal.cwd))
  if (given.length === 1 && plan !== undefined) {
    refuse(
      reads[0] ?? firstOf([...topologyFlags, 'subscription', ...ofPlan], flags),
      flag => `A saved plan is drawn as it was made: leave out ${flag}.`
    )
    return Promise.resolve(plansIn(path, terminal.cwd).map(({ topology: { name }, graph }) => ({ name, graph })))
  }
  if (plan !== undefined) throw new UsageError(`A saved plan is drawn alone: draw ${plan} by itself.`)
  if (reads.length > 0) return read(given, flags, terminal)
  // A picture of a file needs no id, and where the data directory is may be said once for all commands.
  refuse(firstOf(ofPlan, flags), flag => `${flag} is about a plan, and nothing is read: add --live, --sandbox or --arm-endpoint.`)
  return declared(given, flags, terminal)
}

function refuse(flag: string | undefined, sentence: (flag: string) => string): void {
  if (flag !== undefined) throw new UsageError(sentence(flag))
}

const ofPlan: readonly FlagName[] = [...planFlags, 'journal', 'sandboxState', 'sandboxSeed', 'sandboxFaults', 'sandboxLog']

function firstOf(names: readonly FlagName[], flags: Flags): string | undefined {
  const found = names.find(name => isGiven(flags[name]))
  return found && `--${kebab(found)}`
}

async function declared(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<readonly NamedGraph[] | undefined> {
  const found = await declaredIn({ ...flags, files: given, cwd: terminal.cwd, environment: terminal.env, words: terminal.words })
  if (found.sound) return found.topologies.map(({ name, desired }) => ({ name, graph: graphOf(desired) }))
  terminal.err(printed`${asIs(diagnosticsText(found.diagnostics))}\n`)
  return undefined
}

async function read(given: readonly string[], flags: Flags, terminal: Surroundings): Promise<readonly NamedGraph[] | undefined> {
  const options = optionsOf(given, flags, terminal)
  const { pictured } = await import('../engine/plan.ts')
  const outcome = await pictured(options, hostOn({ flags, terminal }))
  if (!outcome.sound) return undefined
  return outcome.topologies.map(({ session: { prepared }, planned: { plan, live } }) => ({
    name: prepared.resolved.name,
    graph: graphOf(prepared.resolved.desired, { live, plan })
  }))
}
