// The runner starts this when the job is over, however it ended. A file of its own: a step that was cancelled before it began has saved
// nothing by which one file could tell that it is not to begin now.
import { endWith } from './action/end.ts'

void endWith(process, async () => (await import('./action/post.ts')).post(process))
