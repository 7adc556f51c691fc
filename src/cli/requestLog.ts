import type { AzureOptions } from '../azure/azure.ts'
import { UsageError } from '../engine/stop.ts'
import { printed } from '../model/printable.ts'
import type { Flags } from './flags.ts'
import type { Surroundings } from './terminal.ts'

/** Other parameters of an address may be a right by themselves: operations and pages are signed. */
const shownParameters = new Set(['api-version', '$filter', '$top', '$expand'])

/**
 * Says each request on stderr, where `--verbose` or `PGLINK_LOG=debug` asks for it: method, path, status, time and the number that Azure
 * knows it by. Headers and bodies are never shown.
 *
 * @throws UsageError for a PGLINK_LOG that is not `debug`
 */
export function requestLog(
  { verbose }: Pick<Flags, 'verbose'>,
  { env, err }: Pick<Surroundings, 'env' | 'err'>
): AzureOptions['onRequest'] {
  const level = env['PGLINK_LOG'] ?? ''
  if (level !== '' && level.toLowerCase() !== 'debug') throw new UsageError(`PGLINK_LOG takes debug, not ${JSON.stringify(level)}.`)
  if (!verbose && level === '') return undefined
  return ({ method, url, came, tookMs, requestId }) => {
    const number = requestId === undefined ? '' : ` (x-ms-request-id ${requestId})`
    err(printed`debug: ${method} ${shown(url)} ${came} in ${Math.round(tookMs)} ms${number}\n`)
  }
}

function shown(url: string): string {
  const { origin, pathname, searchParams } = new URL(url)
  const parameters = [...searchParams].map(([name, value]) => `${name}=${shownParameters.has(name) ? encodeURI(value) : '…'}`)
  return `${origin}${pathname}${parameters.length > 0 ? '?' : ''}${parameters.join('&')}`
}
