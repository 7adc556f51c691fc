import type { Consent } from './consents.ts'

/** The options that a sentence may name. */
type OptionName =
  | Consent
  | 'allowEnv'
  | 'armEndpoint'
  | 'baseline'
  | 'ca'
  | 'dataDir'
  | 'dial'
  | 'duty'
  | 'envFile'
  | 'exclude'
  | 'journalOnlyMemory'
  | 'keep'
  | 'liftInheritedLocks'
  | 'live'
  | 'lockIdentity'
  | 'maxDeletes'
  | 'now'
  | 'planDigest'
  | 'probe'
  | 'prune'
  | 'resolver'
  | 'resume'
  | 'sandbox'
  | 'subscription'
  | 'target'

/** The words of a host for an option, or with a value for how it is given there. */
export type OptionWords = (name: OptionName, value?: string | number | true) => string

/** It has the words of the host that its sentences are for; without them an option is named as a program gives it. */
export interface Worded {
  readonly words?: OptionWords | undefined
}

/** Carries them on from such a one: to leave them out is to be an error of the compiler. */
export interface PassesWords {
  readonly words: OptionWords | undefined
}

const asMember: OptionWords = (name, value) => (value === undefined ? name : `${name}: ${JSON.stringify(value)}`)

/** An option in a sentence, or with a value how it is given, in the words of the host. */
export const option = ({ words = asMember }: Worded, ...[name, value]: Parameters<OptionWords>): string => words(name, value)

/** A text that may name options, in the words of a host. */
export const inWords = <Text extends string | undefined>(text: Text | ((worded: Worded) => Text), worded: Worded): Text =>
  typeof text === 'function' ? text(worded) : text
