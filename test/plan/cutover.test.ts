import { describe, test } from 'vitest'
import {
  asks,
  auto,
  before,
  decide,
  factory,
  inside,
  linked,
  managed,
  noDns,
  office,
  open,
  outside,
  pe,
  type Row,
  record,
  rule,
  run,
  server,
  service,
  waiting,
  withDns,
  zone
} from './cutoverWorld.ts'

const rows: Readonly<Record<string, Row>> = {
  'an endpoint and its record': { ...withDns, want: { endpoints: { pe2: { ...asks, ...noDns } } }, ...waiting, stays: [pe, record] },
  'a record that the new endpoint takes over': { ...withDns, want: { endpoints: { pe2: asks } }, ...waiting, stays: [pe, record] },
  'a record that is handed to another endpoint': {
    ...withDns,
    want: { endpoints: { pe: { ...auto, ...noDns }, pe2: asks } },
    ...waiting,
    stays: [pe, record]
  },
  'a record that is taken over, and left the file as a tag only': {
    ...withDns,
    want: { endpoints: { pe2: asks } },
    settings: { baseline: undefined as never, prune: true },
    ...waiting,
    stays: [pe, record]
  },
  'a zone group that an endpoint gives up': {
    ...withDns,
    want: { endpoints: { pe: { ...auto, ...noDns }, pe2: { ...asks, ...noDns } } },
    ...waiting,
    stays: [record]
  },
  'a link of a zone that stays': {
    now: { endpoints: { pe: auto }, links: { hub: {}, spoke: {} } },
    want: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } }, links: { hub: {} } },
    ...waiting,
    stays: [`${zone}/virtualNetworkLinks/spoke`, record]
  },
  'a link that finds the public name': {
    now: { networking: open, links: { hub: { resolution: 'NxDomainRedirect' } } },
    want: { networking: open, endpoints: { pe: asks }, links: { hub: { resolution: 'Default' } } },
    ...waiting,
    stays: [`${zone}/virtualNetworkLinks/hub`]
  },
  'a firewall rule': {
    now: { networking: open },
    want: { networking: { publicAccess: { enabled: true } }, endpoints: { pe: { ...asks, ...noDns } } },
    ...waiting,
    stays: [rule]
  },
  'a part of a firewall rule': {
    now: { networking: open },
    want: {
      networking: { publicAccess: { enabled: true, firewallRules: { office: { ...office, end: office.start } } } },
      endpoints: { pe: asks }
    },
    ...waiting,
    stays: [rule]
  },
  'public access, while a policy has not written the record': {
    now: { networking: open },
    want: { endpoints: { pe: { ...auto, privateDns: { zone: 'link', managedBy: 'policy' } } } },
    exit: 7,
    says: /waiting on the policy/,
    stays: [server, rule]
  },
  'public access, while a factory waits for its endpoint': {
    now: { networking: open },
    want: { endpoints: { pe: { ...auto, ...noDns } }, factories: managed },
    ...waiting,
    stays: [server, rule]
  },
  'an approved connection, while another one is to take its place': {
    now: {
      endpoints: { pe: { ...asks, ...noDns } },
      connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'approve' }]
    },
    want: {
      endpoints: { pe: { ...asks, ...noDns }, pe2: { ...asks, ...noDns } },
      connections: [{ from: 'servers/orders-pg/privateEndpoints/pe', decision: 'reject' }]
    },
    ...waiting,
    stays: [pe]
  },
  'a linked service that moves to another runtime': {
    now: { networking: open, factories: before },
    want: {
      networking: open,
      factories: { ...managed, integrationRuntimes: { one: outside, two: inside }, linkedServices: { orders: service('two') } }
    },
    ...waiting,
    stays: [linked]
  },
  'a runtime that is made again, and its linked service': {
    now: { networking: open, factories: before },
    want: { networking: open, factories: { ...managed, integrationRuntimes: { one: inside }, linkedServices: { orders: service('one') } } },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'a linked service that gets another name': {
    now: { networking: open, factories: before },
    want: { networking: open, factories: { ...managed, integrationRuntimes: { one: inside }, linkedServices: { other: service('one') } } },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'a linked service that moves over an endpoint which its server has just rejected': {
    now: {
      networking: open,
      factories: { ...before, ...managed },
      connections: [{ from: 'dataFactories/orders-adf/managedPrivateEndpoints/to-orders', decision: 'approve' }]
    },
    first: on => decide(on, 'to-orders', 'Rejected'),
    want: {
      networking: open,
      factories: { ...managed, integrationRuntimes: { one: outside, two: inside }, linkedServices: { orders: service('two') } }
    },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [linked]
  },
  'a linked service that leaves the file, while the new endpoint waits': {
    now: { networking: open, factories: before },
    want: { networking: open, endpoints: { pe: { ...asks, ...noDns } }, factories: { ...before, linkedServices: {} } },
    ...waiting,
    stays: [linked]
  },
  'a runtime and its linked service that are made again, while the new endpoint waits': {
    now: { networking: open, factories: before },
    want: {
      networking: open,
      endpoints: { pe: { ...asks, ...noDns } },
      factories: { ...before, integrationRuntimes: { one: { type: 'SelfHosted' } } }
    },
    ...waiting,
    stays: [linked, `${factory}/integrationRuntimes/one`]
  },
  'an endpoint that is made again, with another one that waits': {
    now: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } } },
    want: { endpoints: { pe: { ...auto, approval: { manual: 'please' } }, pe2: { ...asks, ...noDns } } },
    ...waiting,
    stays: [pe, record]
  },
  'public access, with an endpoint that was rejected': {
    now: { networking: open, endpoints: { pe: asks } },
    first: on => decide(on, '/pe', 'Rejected'),
    want: { endpoints: { pe: asks } },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [server, rule]
  },
  'an endpoint, with another one that was rejected': {
    now: { endpoints: { pe: auto, pe2: { ...asks, ...noDns } } },
    first: on => decide(on, '/pe2', 'Rejected'),
    want: { endpoints: { pe2: { ...asks, ...noDns } } },
    exit: 8,
    says: /is Rejected on servers\/orders-pg/,
    stays: [pe, record]
  }
}
describe('the old path is whole where the new one is not', () => {
  test.each(Object.entries(rows))('%s', async (_name, row) => run(row), 60_000)
})
