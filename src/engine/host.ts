import type { AzureOptions } from '../azure/azure.ts'
import type { Turn } from '../azure/turns.ts'
import type { Restored } from '../locks/index.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Signal } from '../model/ending.ts'
import type { ApplyEvent } from '../model/events.ts'
import type { ResourceId } from '../model/id.ts'
import type { Naming } from '../model/naming.ts'
import type { Lock } from '../model/resource.ts'
import type { Acceptance } from './accepting.ts'
import type { Verb } from './connectionDecision.ts'
import type { ConnectionView } from './connectionView.ts'
import type { Drifted } from './drift.ts'
import type { NotOurs } from './journals.ts'
import type { ListedLocks } from './lockList.ts'
import type { Planned } from './look.ts'
import type { AppliedTopology, PlannedTopology } from './outcomes.ts'
import type { RestoredLocks } from './restore.ts'
import type { Session } from './session.ts'
import type { Settings } from './settings.ts'
import type { Prepared } from './topology.ts'
import type { VerifiedTopology } from './verify.ts'

/** A thing that happens in a run, told as it happens. */
export type Notice =
  /** Everything that is wrong with the files, warnings as well. `baseline`: with the topology as last applied. */
  | { readonly type: 'problems'; readonly diagnostics: readonly Diagnostic[]; readonly sound: boolean; readonly baseline?: true }
  /** How many of the declared resources have been looked for; `done` is `undefined` when all is read. */
  | { readonly type: 'reading'; readonly prepared: Prepared; readonly done: number | undefined; readonly of: number }
  /** How many of several topologies have been looked at; the last of them. */
  | { readonly type: 'looked'; readonly prepared?: Prepared; readonly done: number; readonly of: number }
  | ({ readonly type: 'request' } & Parameters<NonNullable<AzureOptions['onRequest']>>[0])
  /** Azure asks to wait `ms` milliseconds. */
  | ({ readonly type: 'throttled' } & Parameters<NonNullable<AzureOptions['onWait']>>[0])
  /** Requests are held back, so that Azure need not refuse them. */
  | ({ readonly type: 'turn' } & Turn)
  /** The wait of the run: for what, and whether the user may leave it out. */
  | { readonly type: 'waiting'; readonly what: string; readonly optional?: boolean }
  /** One end of an approved connection, or a link, has not come so far yet, and Azure is working on that. */
  | { readonly type: 'late'; readonly what: string }
  | { readonly type: 'busy'; readonly address: string; readonly state: string; readonly elapsedMs: number }
  /** A journal is not as this run left it, and is written anew. */
  | { readonly type: 'journal changed'; readonly place: string }
  /** Not everything of this run could be written to its journal. */
  | { readonly type: 'unwritten'; readonly error: unknown }
  /** Azure has taken a decision, and the line about it could not be added to the file. */
  | { readonly type: 'unaudited'; readonly file: string; readonly line: string; readonly error: unknown }
  /** Locks that an earlier run, or an earlier topology of this one, left off are restored first. */
  | { readonly type: 'restoring'; readonly left: 'by an earlier run' | 'by a topology before' }
  | { readonly type: 'restored'; readonly restored: readonly Restored[]; readonly session: Session }
  /** Journals that are not restored from here. */
  | { readonly type: 'others'; readonly others: readonly NotOurs[]; readonly session: Session }
  /** A sentence for each thing that would say which locks are owed, and cannot be read. */
  | { readonly type: 'damaged'; readonly said: readonly string[] }
  /** Scopes whose locks this login may not list. */
  | { readonly type: 'unlisted'; readonly scopes: readonly ResourceId[] }
  /** The topology that is worked at from here on, where there are several. */
  | { readonly type: 'topology'; readonly prepared: Prepared; readonly again?: true }
  | { readonly type: 'planned'; readonly planned: Planned; readonly session: Session }
  | { readonly type: 'step'; readonly event: ApplyEvent; readonly naming: Naming; readonly planned: Planned; readonly session: Session }
  /** No step runs any more. */
  | { readonly type: 'stepped' }
  | { readonly type: 'concluded'; readonly applied: AppliedTopology }
  /** A decision on a connection goes on: a short phrase of what is done. */
  | { readonly type: 'deciding'; readonly what: string }
  /** The connections of a server could not be listed. */
  | { readonly type: 'server unread'; readonly address: string; readonly path: string; readonly why: string }
  | { readonly type: 'locks'; readonly listed: ListedLocks }
  | { readonly type: 'locks restored'; readonly done: RestoredLocks }
  | { readonly type: 'drifted'; readonly drifted: Drifted }
  | { readonly type: 'verified'; readonly verified: VerifiedTopology }
  | { readonly type: 'accepted'; readonly drifted: Drifted; readonly acceptance: Acceptance }
  /** The plan that puts the drift back. */
  | { readonly type: 'revert planned'; readonly drifted: Drifted; readonly planned: Planned }
  /** The work on one topology ended before its time, by this error. */
  | { readonly type: 'failed'; readonly error: unknown }

/** A question to the user before anything is written. */
export type Question =
  | { readonly about: 'plans'; readonly topologies: readonly PlannedTopology[] }
  /** @property interrupts a client may lose its path to the server */
  | {
      readonly about: 'decision'
      readonly verb: Verb
      readonly view: ConnectionView
      readonly response: string | undefined
      readonly interrupts: boolean
    }
  /** A journal that was named may be the work of another program: these lines say what would be done for it. */
  | { readonly about: 'journal'; readonly lines: readonly string[]; readonly session: Session }

/** A stretch of work that an interrupt ends early. */
export interface Interruptible {
  readonly session: Session
  /** `apply`: no step is begun, those in flight finish; the others end a wait, `restore` with the locks of dead runs restored where they can. */
  readonly during: 'apply' | 'restore' | 'restore first' | 'wait'
  /** Told of the first interrupt. The host ends the process at the second. */
  stop(signal: Signal): void
  /** The locks that are off at the moment of the second interrupt; `undefined` where the journals cannot be read. Absent where nothing was begun. */
  off?(): readonly Lock[] | undefined
}

/** More than the file that the line which restores locks needs. */
export interface RestoreMore {
  readonly journal?: string
  readonly keep?: string
  readonly liftInheritedLocks?: true
}

/** The program that the engine runs in: it shows, asks and hears the user. One is of one run. */
export interface Host {
  notify(notice: Notice): void
  /** Makes ready to show the steps of a plan; the first begins after it. */
  beforeSteps?(planned: Planned, session: Session): Promise<void>
  /** @throws Stop when the user does not agree, or is not there */
  confirm(question: Question): Promise<void>
  /** @returns an end to the listening */
  onInterrupt(work: Interruptible): () => void
  /** The line by which a user restores the locks that a run with these settings left off. */
  restoreLine(file: string, settings: Settings, more?: RestoreMore): string
  /** Called with a hint for a user whose run breaks off. @returns to be called when it has come to its end */
  whileOpen?(hint: () => Promise<string | undefined>): () => void
  /** A token that says who this job is, asked for anew each time. Only where a job can prove that. */
  readonly idToken?: ((audience: string) => Promise<string>) | undefined
  /** Whether a workflow run, `OWNER/NAME/runs/ID`, has come to its end; `undefined` where that cannot be told. */
  readonly workflowEnded?: ((workflow: string) => Promise<boolean | undefined>) | undefined
  /** Told until when the login is good, where it is not known to renew itself. */
  readonly signedInUntil?: ((expiresOnTimestamp: number) => void) | undefined
  /** Ends what only reads, and throws its reason, where no signal ends the process. */
  readonly stopping?: AbortSignal | undefined
  /** The run broke: whatever still goes on stands still from its abort on, so that what is said of it stays true. */
  readonly standstill?: AbortSignal | undefined
}
