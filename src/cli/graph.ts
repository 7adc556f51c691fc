import { readFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import { graphOf, type NamedGraph, oneGraph } from '../document/graph.ts'
import type { TopologyGraph } from '../document/plan.generated.ts'
import { isPlanDocument, planProblem } from '../document/planDocument.ts'
import { load, printProblems } from '../engine/load.ts'
import { Stop, UsageError } from '../engine/stop.ts'
import { inArmTerms, prepare } from '../engine/topology.ts'
import type { Ending } from '../model/ending.ts'
import { isBody, jsonIn, NoJson } from '../model/json.ts'
import { didYouMean } from '../topology/suggest.ts'

import { topologyFiles } from './files.ts'
import { type FlagName, type Flags, flagText, isGiven, planFlags, topologyFlags } from './flags.ts'
import { isFormat, isPlanFile, refuseOtherFormat } from './planFormat.ts'
import type { Terminal } from './terminal.ts'

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
export async function graph(given: readonly string[], flags: Flags, terminal: Terminal): Promise<Ending> {
  const draw = await drawingAs(flags.format ?? 'mermaid')
  const graphs = await graphsOf(given, flags, terminal)
  if (graphs === undefined) return 'invalid'
  terminal.out(draw(oneGraph(graphs)))
  return 'ok'
}

async function drawingAs(format: string): Promise<Draw> {
  const names = Object.keys(formats)
  const load = names.includes(format) ? formats[format] : undefined
  if (load !== undefined) return load()
  const hint = didYouMean(format, names)
  throw new UsageError(`--format takes ${names.join(', ')}, not ${JSON.stringify(format)}${hint === undefined ? '' : `: ${hint}`}.`)
}

/** `undefined` when a file is not sound; what is wrong has been printed. */
function graphsOf(given: readonly string[], flags: Flags, terminal: Terminal): Promise<readonly NamedGraph[] | undefined> {
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
    return Promise.resolve(saved(path, terminal))
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
  return found && `--${flagText(found)}`
}

/** @throws Stop when it is no plan of ours */
function saved(path: string, { cwd }: Terminal): readonly NamedGraph[] {
  let document: unknown
  try {
    document = jsonIn(readFileSync(resolvePath(cwd, path), 'utf8'))
  } catch (error) {
    const why = error instanceof NoJson ? `it ${error.message}.` : error instanceof Error ? error.message : String(error)
    throw new Stop('invalid', `${path} is not a plan that pglink saved: ${why}`)
  }
  const several = typeof document === 'object' && document !== null && 'plans' in document ? document.plans : undefined
  const documents: readonly unknown[] = Array.isArray(several) ? several : [document]
  return documents.map(one => {
    const format = isBody(one) ? one.format_version : undefined
    if (typeof format === 'string' && isFormat(format)) refuseOtherFormat(path, format)
    if (!isPlanDocument(one)) throw new Stop('invalid', `${path} is not a plan that pglink saved: ${planProblem(one) ?? ''}. Plan again.`)
    return { name: one.topology.name, graph: one.graph }
  })
}

/** A picture needs no id that is right: where nobody says the subscription, this one stands for it. */
const anySubscription = '00000000-0000-0000-0000-000000000000'

/** As for `validate`, what is not set is not known, and nothing that is drawn. */
async function declared(given: readonly string[], flags: Flags, terminal: Terminal): Promise<readonly NamedGraph[] | undefined> {
  const files = topologyFiles(given, terminal.cwd)
  const loaded = await Promise.all(
    files.map(file => load(file, 'validate', { ...flags, subscription: flags.subscription ?? anySubscription }, terminal))
  )
  const sound = loaded.flatMap(one => (one.ok ? [one] : []))
  if (sound.length < loaded.length) {
    printProblems(
      loaded.flatMap(one => one.diagnostics),
      terminal.err
    )
    return undefined
  }
  return sound.map(one => {
    const { name, desired } = inArmTerms(one, { subscription: flags.subscription ?? anySubscription })
    return { name, graph: graphOf(desired) }
  })
}

async function read(given: readonly string[], flags: Flags, terminal: Terminal): Promise<readonly NamedGraph[] | undefined> {
  const prepared = await prepare(given, flags, terminal)
  if (prepared === undefined) return undefined
  const { inSession, planIn } = await import('../engine/session.ts')
  const graphs: NamedGraph[] = []
  for (const one of prepared) {
    const graph = await inSession(one, flags, terminal, async session => {
      const { plan, live } = await planIn(session)
      return graphOf(one.resolved.desired, { live, plan })
    })
    graphs.push({ name: one.resolved.name, graph })
  }
  return graphs
}
