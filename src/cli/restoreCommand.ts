import { pathWord, shellLine } from '../model/shell.ts'
import { azureFlags, type FlagName, type Flags, flagText, topologyFlags } from './flags.ts'

/** A sandbox's beginning, and its faults on purpose, are no part of where its locks are. */
const ofTheSandbox: readonly FlagName[] = ['sandboxSeed', 'sandboxFaults', 'sandboxLog']

const told = [...topologyFlags, ...azureFlags, 'journal' as const, 'liftInheritedLocks' as const].filter(
  name => !ofTheSandbox.includes(name)
)

/** The line that restores the locks that an apply with these flags left off, to be pasted into a shell in the same folder. */
export const restoreCommand = (file: string, flags: Flags, more: readonly string[] = []): string =>
  shellLine(['pglink', 'locks', 'restore', pathWord(file), ...told.flatMap(name => given(name, flags)), ...more])

function given(name: FlagName, flags: Flags): string[] {
  const value = flags[name]
  const flag = `--${flagText(name)}`
  if (value === undefined || value === false) return []
  if (value === true) return [flag]
  // A value with a dash before it would be taken for a flag.
  return [value].flat().flatMap(one => (/^-/.test(String(one)) ? [`${flag}=${String(one)}`] : [flag, String(one)]))
}
