import { option } from '../../model/option.ts'
import type { RuleText } from './rule.ts'

const yaml = (section: string): string => `https://yaml.org/spec/1.2.2/ (${section})`
const schema = (section: string): string =>
  `https://json-schema.org/draft/2020-12/json-schema-validation (${section}), schema/topology.schema.json`

/** The rules that the reader of the file and the schema itself enforce. The checks are where the file is read. */
export const readingRules: readonly RuleText[] = [
  {
    id: 'PGL901',
    name: 'unreadable-file',
    source: 'POSIX open(2) and read(2): ENOENT, EACCES, EISDIR',
    summary: 'The file, what it extends and its overlay can be read.',
    why: 'A part that is missing would be taken for a part that was removed.',
    fix: 'check the path; the path after extends: is relative to the file it stands in'
  },
  {
    id: 'PGL902',
    name: 'not-utf8',
    source: yaml('5.2 Character Encodings'),
    summary: 'The file is UTF-8.',
    why: 'Text in another encoding would be read as other names than were written.',
    fix: 'save the file as UTF-8'
  },
  {
    id: 'PGL903',
    name: 'file-too-large',
    source: 'the limits of this tool: a thousand data factories, each with a server and its way there, are within them as YAML and as JSON',
    summary:
      'A topology, with what it extends and its overlay, has at most 8 MiB and 600000 brackets, quotes, commas, colons, lines and other marks of YAML.',
    why: 'Something else was given by mistake, or it is more than one file should hold: reading it would only take time and memory.',
    fix: 'check that this is the topology; a large one is split into part-1.yaml, part-2.yaml and so on in its folder, each with a name: of its own, with extends: base.yaml for what they share, and with existing: true or id: for what lies in another part; give them together, as in pglink plan "part-*.yaml"'
  },
  {
    id: 'PGL904',
    name: 'empty-file',
    source: yaml('9.2 Streams'),
    summary: 'The file holds a topology.',
    why: 'An empty file would mean that nothing should exist.',
    fix: 'begin with version: 1 and name:; the examples show what follows'
  },
  {
    id: 'PGL905',
    name: 'yaml-syntax',
    source: yaml('6 Structural Productions'),
    summary: 'The file is YAML 1.2.',
    why: 'A text that is not YAML has no meaning that could be relied on.',
    fix: 'look at the indentation, the quotes and the brackets around the marked place'
  },
  {
    id: 'PGL906',
    name: 'duplicate-key',
    source: yaml('3.2.1.3 Node Comparison'),
    summary: 'A key stands once in its map.',
    why: 'One of the two would be lost without a word.',
    fix: 'keep one of the two'
  },
  {
    id: 'PGL907',
    name: 'several-documents',
    source: yaml('9.2 Streams'),
    summary: 'The file holds one YAML document.',
    why: 'The second document would be ignored.',
    fix: 'put what stands behind --- into a file of its own'
  },
  {
    id: 'PGL908',
    name: 'tab-indentation',
    source: yaml('6.1 Indentation Spaces'),
    summary: 'Indentation is made of spaces.',
    why: 'YAML forbids tabs there, since they are shown in different widths.',
    fix: 'replace the tab by spaces'
  },
  {
    id: 'PGL909',
    name: 'alias-bomb',
    source: yaml('7.1 Alias Nodes'),
    summary: 'Aliases do not multiply the file beyond measure.',
    why: 'A few lines of aliases to aliases can stand for more values than there is memory.',
    fix: 'write the parts out, or split it as PGL903 says'
  },
  {
    id: 'PGL910',
    name: 'extends-cycle',
    source: 'the meaning of extends in schema/topology.schema.json',
    summary: 'No file extends itself.',
    why: 'There would be no file to begin with.',
    fix: 'take one extends: out of the circle'
  },
  {
    id: 'PGL911',
    name: 'variable-not-allowed',
    source: 'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution',
    summary: 'The file reads only variables that were allowed from outside.',
    why: 'A file from a pull request could otherwise send any secret of the machine to a place of its choosing.',
    fix: worded => `allow it with ${option(worded, 'allowEnv', 'NAME')}, or put it into the file given with ${option(worded, 'envFile')}`
  },
  {
    id: 'PGL912',
    name: 'variable-out-of-place',
    source: 'the meaning of keys, name and extends in schema/topology.schema.json',
    summary: 'Keys, extends and the name of the topology hold no variables.',
    why: 'Addresses and ownership must not depend on the machine the tool runs on.',
    fix: 'write the text itself; use name: for an Azure name that varies'
  },
  {
    id: 'PGL913',
    name: 'secret-in-clear',
    source: 'https://cwe.mitre.org/data/definitions/798.html',
    summary: 'Secrets come from variables.',
    why: 'The file is kept in version control, where each of its readers could read the secret for good.',
    fix: `write \${env:NAME}, and change a secret that was committed`
  },
  {
    id: 'PGL914',
    name: 'variable-not-set',
    severity: 'warning',
    source: 'POSIX environ(7)',
    summary: 'Variables have values.',
    why: 'Without it the value cannot be checked, and a plan cannot be made.',
    fix: worded => `set the variable, or give ${option(worded, 'envFile')}`
  },
  {
    id: 'PGL915',
    name: 'variable-syntax',
    source: `the meaning of \${env:NAME} in schema/topology.schema.json`,
    summary: `A variable is written \${env:NAME}.`,
    why: 'Other forms are taken for text by some tools and for variables by others.',
    fix: `write \${env:NAME}, or $\${ for the two characters themselves`
  },
  {
    id: 'PGL916',
    name: 'extends-outside',
    source: 'https://cwe.mitre.org/data/definitions/22.html (path traversal): the file may come from a pull request',
    summary: 'A file extends only a .yaml or .yml file in the folder of the topology or below it, neither hidden nor in node_modules.',
    why: 'A person who may change the file could otherwise have any file of this machine read, and quoted in a message.',
    fix: 'write a path relative to the file, such as base.yaml, and put the base beside the topology or below it'
  },
  {
    id: 'PGL917',
    name: 'secret-out-of-place',
    source: `the meaning of secret in schema/topology.schema.json`,
    summary: 'A variable that holds a secret stands only where a secret belongs.',
    why: 'In a name, a tag or a note it would be shown in plans, in logs and to whoever may read the resource.',
    fix: 'use another variable there, or write the value itself if it is no secret'
  },
  {
    id: 'PGL918',
    name: 'more-problems',
    source: 'the limit of this tool: 200 for each topology',
    summary: 'Everything that is wrong is shown.',
    why: 'No log has room for hundreds of mistakes, and most of them are often one. The errors are shown before the warnings.',
    fix: 'mend those that are shown, and look again'
  },
  {
    id: 'PGL920',
    name: 'unknown-key',
    source: schema('additionalProperties'),
    summary: 'Every key is one that the schema knows.',
    why: 'A misspelt key would be ignored, and what it asked for would not happen.',
    fix: 'take it out, or correct its spelling and place'
  },
  {
    id: 'PGL921',
    name: 'missing-key',
    source: schema('6.5.3 required'),
    summary: 'Every key that is needed is there.',
    why: 'Nothing sensible could be assumed in its place.',
    fix: 'add the key'
  },
  {
    id: 'PGL922',
    name: 'wrong-type',
    source: schema('6.1.1 type'),
    summary: 'Every value is of the type its key takes.',
    why: 'YAML tells "17" from 17 and a list from a map; so does Azure.',
    fix: 'look at the quotes and the indentation'
  },
  {
    id: 'PGL923',
    name: 'value-not-allowed',
    source: schema('6.1.2 enum'),
    summary: 'Every value is one of those its key takes.',
    why: 'Azure would refuse it, or take it for something else.',
    fix: 'use one of the values listed'
  },
  {
    id: 'PGL924',
    name: 'value-malformed',
    source: schema('6.3.3 pattern'),
    summary: 'Every key has the form of one, and every value the form its key takes.',
    why: 'It could not be read back or sent.',
    fix: 'write it in the form shown'
  },
  {
    id: 'PGL925',
    name: 'value-out-of-range',
    source: schema('6.2 and 6.3'),
    summary: 'Numbers, texts and lists keep within their limits.',
    why: 'Azure would refuse the value.',
    fix: 'stay within the limit'
  },
  {
    id: 'PGL926',
    name: 'unquoted-variable',
    source: yaml('7.3.3 Plain Style: no { inside a flow collection'),
    summary: 'A variable inside { } or [ ] stands in quotes.',
    why: 'There YAML ends a plain text before a brace: the variable falls apart, and what follows it is read as something else.',
    fix: `quote the whole value: "\${env:NAME}"`
  },
  {
    id: 'PGL930',
    name: 'unknown-reference',
    source: 'the keyword reference in schema/topology.schema.json',
    summary: 'Every name that refers to another entry leads to one.',
    why: 'There would be nothing to connect to.',
    fix: 'use the address of an entry of this file, or {id: …} for something that is not in it'
  },
  {
    id: 'PGL931',
    name: 'exclusive-keys',
    source:
      'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private and the keyword exclusive in schema/topology.schema.json',
    summary: 'Keys that exclude each other do not stand side by side; of the connectivity methods exactly one is chosen.',
    why: 'Public access and VNet integration cannot be combined, and what is given by id is not written.',
    fix: 'keep one of them'
  },
  {
    id: 'PGL932',
    name: 'rule-not-lowerable',
    source: 'the key rules in schema/topology.schema.json',
    summary: 'Only rules that Azure does not enforce itself are lowered, and only rules that exist.',
    why: 'The plan would be refused by Azure instead, half way through.',
    fix: 'take the rule out of rules:'
  }
]
