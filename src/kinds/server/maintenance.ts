import type { Server as ServerBody } from '@azure/arm-postgresql-flexible'
import type { MaintenanceWindow } from '../../model/topology.generated.ts'
import { update } from '../rule.ts'
import { isOn, type ServerAspect } from './serverAspect.ts'

/** `azure`: whenever Azure likes. */
type Window = MaintenanceWindow | 'azure' | undefined

interface Maintenance {
  readonly maintenanceWindow: Window
}

/** In Azure's order: Sunday is 0. */
const days: readonly MaintenanceWindow['day'][] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

export const maintenance: ServerAspect<Maintenance> = {
  desired: ({ maintenanceWindow }) => ({ maintenanceWindow }),
  fields: {
    // A create does not honour it [TF-PG].
    maintenanceWindow: update({
      at: 'maintenanceWindow',
      atCreate: false,
      equal: sameWindow,
      whenGone: 'azure',
      completed: (live, desired) =>
        desired === undefined || desired === 'azure' ? desired : { ...desired, minute: desired.minute ?? minuteOf(live) }
    })
  },
  toArm: ({ maintenanceWindow: window }) => (window === undefined ? {} : { maintenanceWindow: bodyOf(window) }),
  fromArm: body => ({ maintenanceWindow: windowOf(body) })
}

const minuteOf = (window: Window): number => (typeof window === 'object' ? (window.minute ?? 0) : 0)

/** A minute that the file does not declare is no difference. */
function sameWindow(live: Window, desired: Window): boolean {
  if (typeof desired !== 'object' || typeof live !== 'object') return (live ?? 'azure') === desired
  return live.day === desired.day && live.hour === desired.hour && (desired.minute ?? live.minute) === live.minute
}

function bodyOf(window: NonNullable<Window>) {
  if (window === 'azure') return { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 }
  const { day, hour, minute = 0 } = window
  return { customWindow: 'Enabled', dayOfWeek: days.indexOf(day), startHour: hour, startMinute: minute }
}

/** Where the user chose no window, it reads as Sunday at midnight, Disabled [CORPUS]. */
function windowOf({ maintenanceWindow: window }: ServerBody): Window {
  const day = days[window?.dayOfWeek ?? 0]
  if (window === undefined || day === undefined) return undefined
  return isOn(window.customWindow) ? { day, hour: window.startHour ?? 0, minute: window.startMinute ?? 0 } : 'azure'
}
