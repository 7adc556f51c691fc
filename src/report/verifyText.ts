import type { PlanPath } from '../document/plan.generated.ts'
import type { VerifyDocument, VerifyHop, VerifyPath, VerifyState } from '../document/verify.generated.ts'
import { counted } from '../model/counted.ts'
import { printable } from '../model/printable.ts'
import { verifyLooks } from './looks.ts'
import type { Style } from './style.ts'

/** The paths as a person reads them, hop by hop. Ends in a newline. */
export function verifyText({ paths, verdict, summary }: VerifyDocument, style: Style): string {
  const paint = { whole: style.colors.green, none: style.colors.green, broken: style.colors.red, unsure: style.colors.yellow }[verdict.as]
  const closing = [paint(printable(verdict.text)), ...firstLines(paths), `${counted(summary.reads, 'ARM read')}.`].join('\n')
  return `${[...paths.map(path => pathText(path, style)), closing].join('\n\n')}\n`
}

/** The hop to mend first, of each path that is broken. */
const firstLines = (paths: readonly VerifyPath[]): string[] =>
  paths.flatMap(({ address, first }) => (first === null ? [] : [`  ${printable(address)}: first broken at ${hopWord(first)}`]))

const pathText = ({ address, server, fqdn, hops }: VerifyPath, style: Style): string =>
  [
    `${style.colors.bold(printable(address))}${server === null || server === address ? '' : ` -> ${printable(server)}`}${fqdn === null ? '' : ` (${printable(fqdn)})`}`,
    ...hops.map(hop => hopText(hop, style))
  ].join('\n')

function hopText({ hop, as, message, fix, why, ms }: VerifyHop, style: Style): string {
  const more = [...(fix === undefined ? [] : [`fix: ${fix}`]), ...(why === undefined ? [] : [`why: ${why}`])]
  return [
    `  ${signOf(as, style)} ${hopWord(hop)}: ${printable(message)}${ms === undefined ? '' : ` (${ms} ms)`}`,
    ...more.map(line => `      ${printable(line)}`)
  ].join('\n')
}

/**
 * Where each declared endpoint leads a client, and its hops as the read that an apply ends with has them: those that hold in one line, each other
 * in full.
 */
export function endpointLines(paths: readonly PlanPath[], style: Style): string[] {
  if (paths.length === 0) return []
  return [
    'Endpoints:',
    ...paths.flatMap(({ address, addresses, fqdn, connection, as, hops }) => {
      const where = addresses.length === 0 ? 'no private address known' : addresses.map(printable).join(', ')
      const name = fqdn === null ? '' : ` for ${printable(fqdn)}`
      const held = [...new Set(hops.filter(hop => hop.as === 'holds').map(({ hop }) => hopWord(hop)))]
      return [
        `  ${printable(address)}`,
        `    ${where}${name}, ${printable(connection || 'no connection')}${as === 'whole' ? '' : ` (path ${as})`}`,
        ...(held.length === 0 ? [] : [`    ${signOf('holds', style)} ${held.join(', ')}`]),
        ...hops.filter(hop => hop.as !== 'holds').map(hop => `    ${signOf(hop.as, style)} ${hopWord(hop.hop)}: ${printable(hop.message)}`)
      ]
    })
  ]
}

const signOf = (as: VerifyState, { colors, unicode }: Style): string => {
  const { sign, plain, colour } = verifyLooks[as]
  return colors[colour](unicode ? sign : plain)
}

/** `zoneGroup` as `zone group`; letters that stand for words stay large. */
const hopWord = (hop: string): string =>
  printable(hop)
    .replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
    .replace(/\b(dns|tcp|tls)\b/g, word => word.toUpperCase())
