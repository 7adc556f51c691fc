import type { Happened } from '../document/happened.ts'
import type { PlanStep } from '../document/plan.generated.ts'
import { printable } from '../model/printable.ts'
import { eventLine } from '../report/applyText.ts'

/** Shows the user what happens in an apply. */
export interface Progress {
  on(event: Happened): void
  /** Says at once what is no event, wherever the progress is shown just then. */
  say(text: string): void
  /** Leaves the last state on the screen. */
  end(): void
}

/**
 * A list that is drawn over: what runs stands at the bottom with what it waits for, what has ended above it, and beneath it what
 * else is to be said. The renderer is listr2's, which holds back all that others print as long as it draws; the steps are run elsewhere, so
 * its tasks only carry what is shown of them.
 */
export async function live(steps: readonly PlanStep[], err: Progress['say']): Promise<Progress> {
  const { DefaultRenderer, Listr, ListrEventManager, ListrTaskState } = await import('listr2')
  const { tasks } = new Listr<object, 'default', 'default'>(
    steps.map(step => ({ title: printable(step.subject), task: () => undefined })),
    { concurrent: true, registerSignalListeners: false }
  )
  await Promise.all(tasks.map(task => task.check({})))
  type Task = (typeof tasks)[number]
  const taskOf = new Map(steps.map(({ id }, index) => [id, tasks[index]]))
  const shown: Task[] = []
  const events = new ListrEventManager()
  const said: string[] = []
  class Renderer extends DefaultRenderer {
    override create(options?: Parameters<InstanceType<typeof DefaultRenderer>['create']>[0]): string {
      return [super.create(options), ...said].join('\n')
    }
  }
  const renderer = new Renderer(shown, { collapseErrors: false, clearOutput: false }, events)
  await renderer.render()

  let isOver = false
  const ended = new Set<Task>()
  const end = (task: Task, state: (typeof ListrTaskState)[keyof typeof ListrTaskState]): void => {
    task.state$ = state
    ended.add(task)
    // Those that have ended keep the order they ended in, above those that run.
    const running = shown.filter(other => other !== task && !ended.has(other))
    const over = shown.filter(other => other !== task && ended.has(other))
    shown.splice(0, shown.length, ...over, task, ...running)
  }
  return {
    on(event) {
      const task = taskOf.get(event.step.id)
      if (task === undefined) return
      if (event.type === 'started') {
        shown.push(task)
        task.title$ = eventLine(event)
        task.state$ = ListrTaskState.STARTED
        return
      }
      task.title$ = eventLine(event)
      if (event.type === 'finished') end(task, ListrTaskState.COMPLETED)
      else if (event.type === 'failed') end(task, ListrTaskState.FAILED)
      else if (event.type === 'skipped' || event.type === 'waiting') end(task, ListrTaskState.SKIPPED)
    },
    say(text) {
      if (isOver) return err(text)
      said.push(text.trimEnd())
      renderer.update()
    },
    end() {
      if (!isOver) renderer.end()
      isOver = true
    }
  }
}
