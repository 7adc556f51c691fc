import { type Closing, type Proof, proofOf } from '../engine/closing.ts'
import type { Finding, Said } from '../engine/verdict.ts'
import { printable } from '../model/printable.ts'
import type { EndpointPath } from '../proof/path.ts'
import type { Style } from './style.ts'
import { findingTitles, saidLine, section } from './verdictText.ts'

/** As a person reads it. @param said elsewhere in the same text: once is enough */
export function proofText(closing: Closing, { colors }: Style, said: readonly Pick<Said, 'message'>[] = []): string[] {
  const proof = proofOf(closing)
  const { as, text } = proof
  const lines = detailsOf(proof).filter(line => !said.some(({ message }) => line.includes(printable(message))))
  const paint = { proven: colors.green, waiting: colors.yellow, wrong: colors.red }[as]
  return [paint(lines.length === 0 ? text : text.replace(/\.$/, ':')), ...lines]
}

/** The things that a proof's text speaks of, one a line. */
export const detailsOf = ({ said, besides }: Proof): string[] => [...said.map(one => `  ${saidLine(one)}`), ...groupsOf(besides)]

const groupsOf = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.map(({ as }) => as))].flatMap(sort =>
    section(findingTitles[sort], findings.filter(({ as }) => as === sort).map(saidLine))
  )

/** Where each declared endpoint leads, for whoever connects to it. */
export function endpointLines(paths: readonly EndpointPath[]): string[] {
  if (paths.length === 0) return []
  return [
    'Endpoints:',
    ...paths.flatMap(({ address, addresses, fqdn, connection, as }) => {
      const where = addresses.length === 0 ? 'no private address known' : addresses.map(printable).join(', ')
      const name = fqdn === undefined ? '' : ` for ${printable(fqdn)}`
      const state = connection === undefined || connection === '' ? 'no connection' : printable(connection)
      return [`  ${printable(address)}`, `    ${where}${name}, ${state}${as === 'whole' ? '' : ` (path ${as})`}`]
    })
  ]
}
