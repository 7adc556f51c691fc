const below = [
  'host',
  'report',
  'document',
  'engine',
  'import',
  'drift',
  'topology',
  'live',
  'plan',
  'apply',
  'locks',
  'proof',
  'kinds',
  'azure',
  'model'
]
/**
 * The layers are the folders of src/; a file may import from its own folder and from those listed, nothing else. A layer that is not named
 * here is refused.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  azure: ['model'],
  // A client of PostgreSQL, which knows nothing of Azure.
  dial: ['model'],
  kinds: ['azure', 'model'],
  topology: ['kinds', 'model'],
  live: ['kinds', 'azure', 'model'],
  import: ['live', 'topology', 'kinds', 'azure', 'model'],
  locks: ['kinds', 'azure', 'model'],
  plan: ['locks', 'proof', 'kinds', 'model'],
  apply: ['locks', 'proof', 'kinds', 'azure', 'model'],
  proof: ['live', 'kinds', 'azure', 'model'],
  drift: ['plan', 'locks', 'topology', 'live', 'proof', 'kinds', 'azure', 'model'],
  document: ['engine', 'drift', 'plan', 'locks', 'proof', 'kinds', 'model'],
  report: ['document', 'engine', 'topology', 'kinds', 'model'],
  // It prints nothing and knows no flag: documents, reports and hosts are above it.
  engine: ['dial', 'import', 'drift', 'topology', 'live', 'plan', 'apply', 'locks', 'proof', 'kinds', 'azure', 'model'],
  // The words of all hosts for what the engine tells.
  host: ['report', 'document', 'engine', 'topology', 'locks', 'plan', 'model'],
  github: ['report', 'document', 'engine', 'model'],
  devops: ['report', 'document', 'engine', 'model'],
  cli: ['devops', ...below],
  // The commands again, as steps of a workflow.
  action: ['cli', 'github', ...below],
  library: below,
  // A program of its own, which shares not even the ids: a witness does not share the suspect's notes.
  sandbox: []
}
