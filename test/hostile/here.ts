import { onTestFinished } from 'vitest'
import { type CommandLine, commandLine } from '../simulate/commandLine.ts'

/** A command line in a folder of these files, for as long as a test goes on. */
export function here(files: Readonly<Record<string, string>>): CommandLine {
  const one = commandLine(files)
  onTestFinished(one.remove)
  return one
}

/** The beginning of every topology. */
export const top = 'version: 1\nname: net\nsubscription: 11111111-1111-4111-8111-111111111111\nlocation: eastus2\nresourceGroup: rg-net\n'
