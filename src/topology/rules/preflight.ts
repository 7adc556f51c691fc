import type { Rule } from './rule.ts'

const network = 'https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found'

/** Only Azure can tell: `plan` and `apply` look, for what they would write. The checks are in src/live/preflight. */
export const preflightRules: readonly Rule[] = [
  {
    id: 'PGL070',
    name: 'reference-target',
    severity: 'error',
    seenBy: 'plan',
    source: `${network}, https://github.com/Azure/azure-cli/issues/23351`,
    summary: 'An id in the file leads to something that is there, and is of the type that is meant.',
    why: 'Azure refuses the write with InvalidResourceReference, when half of the others are done.',
    fix: 'correct the id; what is still to be made is declared in this file, or made first'
  },
  {
    id: 'PGL071',
    name: 'reference-region',
    severity: 'error',
    seenBy: 'plan',
    source:
      'the message of InvalidResourceReference, as recorded: "Please make sure that the referenced resource exists, and that both resources are in the same region."',
    summary: 'A security group or route table is in the region of the network whose subnet has it.',
    why: 'To Azure one in another region is not there.',
    fix: 'use one in the region of the network'
  }
]
