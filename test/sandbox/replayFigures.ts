import { type Forgivable, forgivable } from './comparing.ts'
import { pathOf, typeOf } from './recording.ts'
import type { Answered, Replayed } from './replay.ts'
import { type Reason, reasons } from './replayLeftOut.ts'

/** How the answers given here stand beside those of Azure, for one provider. */
export interface Figure {
  readonly provider: string
  readonly exchanges: number
  readonly leftOut: number
  /** In per cent of what was sent. */
  readonly status: number
  readonly code: number
  /** In per cent of the members of both answers. */
  readonly membersAndTypes: number
  readonly values: number
}

/** Private DNS is a service of its own in the namespace of networks, and ARM answers for groups and locks itself. */
const providers: readonly (readonly [part: RegExp, provider: string])[] = [
  [/^Microsoft\.DBforPostgreSQL/i, 'PostgreSQL'],
  [/^Microsoft\.DataFactory/i, 'Data Factory'],
  [/^Microsoft\.Network\/(.*\/)?private(DnsZones|DnsOperation)/i, 'private DNS'],
  [/^Microsoft\.Network/i, 'network'],
  [/^(Microsoft\.(Authorization|Resources)|$)/i, 'ARM']
]

const providerOf = (path: string): string => providers.find(([part]) => part.test(typeOf(path)))?.[1] ?? 'others'

export class Figures {
  readonly #of = new Map<string, { exchanges: number; leftOut: number; answered: Answered[] }>()
  readonly #leftOut = new Map<Reason, number>()
  readonly #forgiven = new Map<Forgivable, number>()

  add(path: string, outcome: Replayed['outcome']): void {
    const provider = providerOf(path)
    const known = this.#of.get(provider) ?? { exchanges: 0, leftOut: 0, answered: [] }
    this.#of.set(provider, known)
    known.exchanges += 1
    if ('leftOut' in outcome) {
      known.leftOut += 1
      this.#leftOut.set(outcome.leftOut, (this.#leftOut.get(outcome.leftOut) ?? 0) + 1)
      return
    }
    known.answered.push(outcome)
    for (const [kind, count] of outcome.comparison.forgiven) this.#forgiven.set(kind, (this.#forgiven.get(kind) ?? 0) + count)
  }

  addReplayed({ exchange, outcome }: Replayed): void {
    this.add(pathOf(exchange.request.url), outcome)
  }

  figures(): Figure[] {
    return [...this.#of].sort().map(([provider, { exchanges, leftOut, answered }]) => {
      const share = (part: number, whole: number): number => (whole === 0 ? 100 : (part / whole) * 100)
      const sum = (of: (one: Answered) => number): number => answered.reduce((total, one) => total + of(one), 0)
      const places = sum(({ comparison }) => comparison.places)
      return {
        provider,
        exchanges,
        leftOut,
        status: share(answered.filter(one => one.sameStatus).length, answered.length),
        code: share(answered.filter(one => one.sameCode).length, answered.length),
        membersAndTypes: share(places - sum(({ comparison }) => comparison.count('member', 'type')), places),
        values: share(places - sum(({ comparison }) => comparison.count('value')), places)
      }
    })
  }

  /** Kinds of difference, and reasons to leave an exchange out, that no recording needs. */
  unused(): string[] {
    const kinds = Object.keys(forgivable).filter(kind => !this.#forgiven.has(kind as Forgivable))
    return [...kinds, ...Object.keys(reasons).filter(reason => !this.#leftOut.has(reason as Reason))]
  }

  /** A table of the figures, then of all that was forgiven, with its reason and how often. */
  table(): string {
    const head = ['provider', 'exchanges', 'left out', 'status %', 'code %', 'members and types %', 'values %']
    const rows = this.figures().map(one => [
      one.provider,
      ...[one.exchanges, one.leftOut].map(String),
      ...[one.status, one.code, one.membersAndTypes, one.values].map(share => share.toFixed(2))
    ])
    const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
    const line = (cells: readonly string[]): string =>
      cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')
    const counted = <Name extends string>(counts: ReadonlyMap<Name, number>, words: Readonly<Record<Name, string>>): string[] =>
      [...counts].sort(([, one], [, other]) => other - one).map(([name, count]) => `${String(count).padStart(7)}  ${name}: ${words[name]}`)
    return [
      line(head),
      ...rows.map(line),
      '',
      'Differences forgiven:',
      ...counted(this.#forgiven, forgivable),
      '',
      'Exchanges left out:',
      ...counted(this.#leftOut, reasons)
    ].join('\n')
  }
}
