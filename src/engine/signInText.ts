import { option, type Worded } from '../model/option.ts'
import { printable } from '../model/printable.ts'

/** An error that was to be expected, with what a person can do about it; never a stack. */
export interface Explained {
  readonly message: string
  readonly next: string | undefined
}

/** The texts of an error and of those behind it, its own first. The credentials of a chain each have one. */
function textsOf(error: unknown, depth = 0): readonly string[] {
  if (depth > 5 || !(error instanceof Error)) return []
  const { errors, errorResponse } = error as { readonly errors?: unknown; readonly errorResponse?: { readonly errorDescription?: unknown } }
  const described = typeof errorResponse?.errorDescription === 'string' ? [errorResponse.errorDescription] : []
  const behind = [...(Array.isArray(errors) ? errors : []), error.cause].flatMap(one => textsOf(one, depth + 1))
  return [...described, error.message, ...behind]
}

/** Entra's own sentence, without the trace id and the time that follow it. */
const refusalIn = (text: string): string | undefined => /AADSTS\d+:?[^\r\n]*?(?=\s*(?:Trace ID:|\r?\n|$))/.exec(text)?.[0]

/** As node and OpenSSL name what is wrong with a chain. */
const certificate =
  /self[- ]signed certificate|unable to (?:get|verify)[^.\n]*certificate|certificate has expired|CERT_HAS_EXPIRED|SELF_SIGNED_CERT|UNABLE_TO_[A-Z_]+|ERR_TLS_CERT[A-Z_]*/i

const network = /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|network_error|getaddrinfo)\b[^\r\n]*/

export const isCertificate = (error: unknown): boolean => textsOf(error).some(text => certificate.test(text))

/** The way out is a file that node reads as it starts: nothing in the tool can turn the check off. */
export const untrusted = (error: unknown): Explained => ({
  message: `The certificate of whoever answered is not trusted: ${certificateText(error)}.`,
  next: 'Set NODE_EXTRA_CA_CERTS to the file with the certificate to trust: that of your proxy, or the one `pglink sandbox` wrote (it prints the line).'
})

const certificateText = (error: unknown): string =>
  printable(textsOf(error).flatMap(text => certificate.exec(text)?.[0] ?? [])[0] ?? 'no reason was given')

/** The next thing to do, by Entra's number [https://learn.microsoft.com/entra/identity-platform/reference-error-codes]. */
const advice: Readonly<Record<string, string>> = {
  '7000215': 'The client secret is not the one of this application: look at AZURE_CLIENT_SECRET (its value, not its id).',
  '7000222': 'The client secret has expired: make a new one, and set AZURE_CLIENT_SECRET.',
  '700016': 'This tenant has no such application: look at AZURE_CLIENT_ID and AZURE_TENANT_ID.',
  '90002': 'There is no such tenant: look at AZURE_TENANT_ID.',
  '900023': 'That is no tenant: look at AZURE_TENANT_ID.',
  '70043': 'The sign-in has expired: az login.',
  '700082': 'The sign-in has expired: az login.',
  '50173': 'The sign-in is no longer good: az login.',
  '50076': 'Entra asks for a second factor: az login.',
  '50079': 'Entra asks for a second factor: az login.',
  '53003': 'A Conditional Access policy refuses this sign-in: ask whoever administers the tenant.'
}

/** The words of Entra, the network or a certificate, most telling first; nothing where there was simply no login to be found. */
export function causesOf(error: unknown): readonly string[] {
  const texts = textsOf(error)
  const refused = texts.flatMap(text => refusalIn(text) ?? [])
  const found = refused.length > 0 ? refused : texts.filter(text => certificate.test(text) || network.test(text))
  return [...new Set(found.map(text => printable(text.split(/\r?\n/, 1)[0]?.trim() ?? '')))]
}

/** Why there is no token, and what can be done about that. */
export function signInFailure(error: Error, worded: Worded): Explained {
  const texts = textsOf(error)
  const refused = texts.flatMap(text => refusalIn(text) ?? [])[0]
  if (refused !== undefined) {
    const [, code = ''] = /AADSTS(\d+)/.exec(refused) ?? []
    return {
      message: `Entra refused the sign-in: ${printable(refused)}`,
      next: advice[code] ?? `https://login.microsoftonline.com/error?code=${code} says more.`
    }
  }
  if (isCertificate(error)) return untrusted(error)
  // A machine without a managed identity cannot reach one, which is no reason: only what was configured tells.
  const unreachable = isOfChain(error) ? undefined : texts.flatMap(text => network.exec(text)?.[0] ?? [])[0]
  if (unreachable !== undefined)
    return {
      message: `Entra could not be reached to sign in: ${printable(unreachable)}.`,
      next: 'Check the network and HTTPS_PROXY, and behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS to its certificate. Then run the same command again.'
    }
  const own = isOfChain(error) ? '' : ` (${printable(texts[0]?.split(/\r?\n/, 1)[0]?.trim() ?? '')})`
  return {
    message: `You are not signed in to Azure${own}.`,
    next: `Run az login, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret or federated token; or try it out with ${option(worded, 'sandbox', true)}.`
  }
}

const isOfChain = ({ name }: Error): boolean => name === 'AggregateAuthenticationError' || name === 'CredentialUnavailableError'
