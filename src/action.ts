// The edge of the GitHub Action, as cli.ts is that of the command line: inputs and the event in, an exit code out.
import { endWith } from './action/end.ts'

void endWith(process, async () => (await import('./action/main.ts')).main(process))
