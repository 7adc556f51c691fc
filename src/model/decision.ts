import { shellLine } from './shell.ts'

/** The states that a decision gives to a private endpoint connection; `Removed`: it is there no more. */
type Decided = 'Approved' | 'Rejected' | 'Removed'

/** A decision on one private endpoint connection, as it goes to Azure. */
export interface Decision {
  /** The ARM id of the connection, which Azure named. */
  readonly connection: string
  /** The ARM id of the endpoint that it comes from, as Azure told it right before; absent where it did not. */
  readonly endpoint?: string
  readonly from: string
  readonly to: Decided
  /** The text that goes with it. */
  readonly response?: string
}

/** Keeps account of each decision that is written. */
export interface Audit {
  /** @throws what `write` throws, and where no account can be kept, before it is called */
  record(decision: Decision, write: () => Promise<unknown>): Promise<void>
}

/** Keeps no account: for what is no run of a user. */
export const unaudited: Audit = { record: async (_, write) => void (await write()) }

/** The line by which a person decides on one connection, whichever program told of it. */
export const decideLine = (verb: string, connection: string, endpoint: string): string =>
  shellLine(['pglink', 'connections', verb, connection, '--expect', endpoint])
