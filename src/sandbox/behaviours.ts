/**
 * What is not certain about Azure, or differs between its regions and versions, and can be switched.
 * The README says of each what it stands for and where it was learned. A provider adds its own here.
 */
export interface Behaviours {
  /** For how long a deleted or lowered lock goes on refusing. */
  readonly lockSettleMs: number
  /** Items in one page of a list; 0 is all of them. */
  readonly pageSize: number
  /** Whether operation addresses carry the signature (t, c, s, h) that makes them some 3 kB long. */
  readonly signedOperationUrls: boolean
  /** Whether the polls of network operations ask for twice the wait each time. */
  readonly networkPollBackoff: boolean
  /** What a write meets while another one runs in the same virtual network. */
  readonly networkOverlap: 'retryable' | 'conflict' | 'works'
  /** For how long the network interface of a deleted private endpoint is still there, with its address. */
  readonly networkInterfaceLingerMs: number
  /** Whether a ReadOnly lock on a subnet, or inherited by it, refuses new private endpoints in it. */
  readonly readOnlySubnetRefusesEndpoints: boolean
  /** Which of the recorded errors the operation of a write ends with that overlaps another one on the same server. */
  readonly postgresBusy: 'ServerIsBusy' | 'ServerBusy' | 'ProvisioningServerBusy' | 'emptyCode'
  /** Whether a PUT on a server keeps what it leaves out, or sets that back to its default. */
  readonly postgresPut: 'merges' | 'replaces'
  /** How Data Factory answers a GET of a managed private endpoint that is not there. */
  readonly managedEndpointMissing: 'badRequest' | 'notFound'
  /** How Data Factory answers a test of a connection through a runtime whose interactive authoring is off: 400, or 200 `succeeded: false`. */
  readonly testWithoutInteractiveAuthoring: 'badRequest' | 'failed'
  /** After how long, at least and at most, a managed private endpoint shows what the server's owner decided. */
  readonly approvalNoticedMs: readonly [least: number, most: number]
}

export const realistic: Behaviours = {
  lockSettleMs: 0,
  pageSize: 0,
  signedOperationUrls: true,
  networkPollBackoff: true,
  networkOverlap: 'retryable',
  networkInterfaceLingerMs: 0,
  readOnlySubnetRefusesEndpoints: true,
  postgresBusy: 'ServerIsBusy',
  postgresPut: 'merges',
  managedEndpointMissing: 'badRequest',
  testWithoutInteractiveAuthoring: 'badRequest',
  approvalNoticedMs: [60_000, 600_000]
}
