import type { Difference } from '../apply/recheck.ts'
import { ArmError, type ErrorBody, UnusableAnswer, WaitTimedOut } from '../azure/error.ts'
import { option, type Worded } from '../model/option.ts'
import { printable } from '../model/printable.ts'
import { pathWord, shellLine } from '../model/shell.ts'
import { inline } from '../model/shown.ts'
import { type Explained, isCertificate, signInFailure, untrusted } from './signInText.ts'
import { Stop, Unproven } from './stop.ts'

const again = 'Finished steps stay done: run the same command again to go on from here.'

/** The next thing to do, by Azure's code; the first that fits. */
const closedRegion =
  'This subscription may not make servers in that region: use another location, or ask for a quota (https://aka.ms/postgres-request-quota-increase).'

const advice: readonly { readonly code: RegExp; readonly message?: RegExp; readonly next: string }[] = [
  {
    code: /^(AuthorizationFailed|LinkedAuthorizationFailed|Forbidden)$/,
    next: 'Ask for the right named above, or for a role that has it, on that scope; a new assignment takes some minutes.'
  },
  { code: /^(InvalidAuthenticationToken|ExpiredAuthenticationToken|AuthenticationFailed)$/, next: 'Sign in again: az login.' },
  { code: /^ScopeLocked$/, next: 'Plan again: a lock was put there since, and the plan will show it.' },
  {
    code: /QuotaExceeded|OperationNotAllowed|SubscriptionIsOverQuota/,
    next: 'Ask for more quota in the portal under Usage + quotas, or choose another size or region.'
  },
  {
    code: /^(SubscriptionNotFound|InvalidSubscriptionId)$/,
    next: 'Check the subscription id, and that this login can see it: az account list.'
  },
  {
    // Azure says no more of a closed region than that the version should be in an empty list [GH msdocs-flask-postgresql-sample-app#35].
    code: /^LocationIsOfferRestricted$/,
    next: closedRegion
  },
  { code: /^ParameterOutOfRange$/, message: /should be in: \[\s*\]/, next: closedRegion },
  { code: /^MissingSubscriptionRegistration$/, next: 'Register the provider once: az provider register --namespace NAME.' },
  { code: /^(TooManyRequests|SubscriptionRequestsThrottled|OperationTimedOut)$/, next: `Wait some minutes. ${again}` }
]

const byStatus = (status: number): string | undefined => {
  if (status === 401) return 'Sign in again: az login.'
  if (status === 403) return 'Ask for a role with this right on that scope.'
  if (status >= 500) return `Azure had a problem of its own. ${again}`
  return undefined
}

/** Why a file of ours could not be made, read or written, by the system's code. */
const ofTheDisk = (worded: Worded): Readonly<Record<string, { readonly why: string; readonly next: string }>> => ({
  ENOSPC: { why: 'the disk is full', next: 'Make room on it.' },
  EDQUOT: { why: 'the quota of the disk is used up', next: 'Make room on it, or ask for more.' },
  EFBIG: { why: 'it may not grow any longer', next: 'Raise the limit for files (ulimit -f), or use a disk that allows larger ones.' },
  EROFS: { why: 'the disk is read-only', next: `Choose another folder with ${option(worded, 'dataDir')}, or make the disk writable.` },
  EACCES: {
    why: 'it is not permitted',
    next: `Look at who owns it and at its mode, or choose another folder with ${option(worded, 'dataDir')}.`
  },
  ENOTDIR: {
    why: 'a file stands where a folder is to be',
    next: `Move that file away, or choose another folder with ${option(worded, 'dataDir')}.`
  },
  EEXIST: {
    why: 'a file stands where a folder is to be',
    next: `Move that file away, or choose another folder with ${option(worded, 'dataDir')}.`
  },
  EIO: { why: 'the disk has an error', next: 'Look at the disk.' }
})

/** The calls that go to a file; a socket or a program may be forbidden, too. */
const didToFile: Readonly<Record<string, string>> = {
  open: 'opened',
  read: 'read',
  scandir: 'read',
  write: 'written',
  fsync: 'written',
  close: 'written',
  mkdir: 'made',
  rename: 'renamed',
  link: 'made',
  copyfile: 'made',
  unlink: 'removed',
  rm: 'removed'
}

function ofAFile(error: Error, worded: Worded): Explained | undefined {
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException
  const known = ofTheDisk(worded)[code]
  const did = didToFile[syscall]
  if (known === undefined || did === undefined) return undefined
  const what = path === undefined ? 'A file' : `The file ${printable(path)}`
  return {
    message: `${what} could not be ${did}: ${known.why} (${code}).`,
    next: `${known.next} ${again}`
  }
}

/** Azure's words: code, message, and the details that carry the reason, one level down. */
function armText(error: ArmError): string {
  const details = error.details.map(detailText).filter(text => text !== '')
  const status = error.status >= 400 && !(error instanceof UnusableAnswer) ? `Azure answered ${error.status} ` : ''
  return printable([`${status}${error.code}${error.code ? ': ' : ''}${error.message}`, ...details].join(' | '))
}

const detailText = ({ code = '', message = '', details = [] }: ErrorBody): string =>
  [code && message ? `${code}: ${message}` : message || code, ...details.map(detailText)].filter(text => text !== '').join(' | ')

/** The causes in words for the user at the terminal; `undefined` for what can only be a bug of ours. */
export function explained(error: unknown, worded: Worded = {}): Explained | undefined {
  if (error instanceof ArmError)
    return {
      message: armText(error),
      next:
        advice.find(({ code, message }) => code.test(error.code) && (message?.test(error.message) ?? true))?.next ?? byStatus(error.status)
    }
  if (error instanceof WaitTimedOut) return { message: printable(error.message), next: again }
  if (!(error instanceof Error)) return undefined
  if (error instanceof Stop) return { message: withCause(error), next: undefined }
  if (error instanceof Unproven)
    return { message: withCause(error), next: `See what is left to do: ${shellLine(['pglink', 'plan', pathWord(error.file)])}` }
  switch (error.name) {
    case 'RestError':
      if (isCertificate(error)) return untrusted(error)
      return { message: `Azure could not be reached: ${printable(error.message)}`, next: `Check the network and HTTPS_PROXY. ${again}` }
    case 'Moved':
      return { message: `${printable(error.message)}${differencesText(error)}`, next: undefined }
    case 'StrayRequest':
      return {
        message: printable(error.message),
        next: 'Look at the names and ids in the topology, and at the journals in its data directory: one of them is not what it should be.'
      }
    case 'JournalDamaged':
    case 'LockMoved':
      return { message: printable(error.message), next: undefined }
    case 'CredentialUnavailableError':
    case 'AuthenticationError':
    case 'AuthenticationRequiredError':
    case 'AggregateAuthenticationError':
      return signInFailure(error, worded)
    default:
      return ofAFile(error, worded)
  }
}

/** The sentence of an error of ours, and after it the reason why. */
const withCause = ({ message, cause }: Error): string => printable(`${message}${cause === undefined ? '' : `: ${errorLine(cause)}`}`)

/** An error in one sentence, expected or not. */
export const errorLine = (error: unknown): string =>
  explained(error)?.message ?? printable(error instanceof Error ? error.message : String(error))

/** How each field was when the plan was made, is now, and was to become. */
function differencesText(error: Error): string {
  const differences = 'differences' in error && Array.isArray(error.differences) ? (error.differences as readonly Difference[]) : []
  return differences
    .map(
      ({ field, atPlan, now, wanted }) =>
        ` ${printable(field)} was ${inline(atPlan)} when it was planned, is ${inline(now)} now, and was to become ${inline(wanted)}.`
    )
    .join('')
}
