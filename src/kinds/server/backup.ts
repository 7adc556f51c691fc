import { given } from '../../model/given.ts'
import { fixed, update } from '../rule.ts'
import { follows, type Replication } from './replication.ts'
import { block, isOn, onOff, type ServerAspect } from './serverAspect.ts'

interface Backup {
  readonly backupRetentionDays: number | undefined
  readonly geoRedundantBackup: boolean | undefined
}

export const backup: ServerAspect<Backup, Replication> = {
  desired: server => ({ backupRetentionDays: server.backup?.retentionDays, geoRedundantBackup: server.backup?.geoRedundant }),
  offer: ({ geoRedundantBackup }, sends) => (sends('geoRedundantBackup') ? { geoRedundantBackup } : undefined),
  fields: {
    backupRetentionDays: update({ at: 'backup/retentionDays', isUsual: (live, props) => live === 7 || follows(props) }),
    geoRedundantBackup: fixed('Geo-redundant backup is chosen when the server is made: make a new one and move the data.', {
      at: 'backup/geoRedundant',
      usual: false
    })
  },
  toArm: ({ backupRetentionDays, geoRedundantBackup }) =>
    block('backup', given({ backupRetentionDays, geoRedundantBackup: onOff(geoRedundantBackup) })),
  // The choice of a create is not sent again.
  toPatch: ({ backupRetentionDays }) => block('backup', given({ backupRetentionDays })),
  fromArm: body => ({
    backupRetentionDays: body.backup?.backupRetentionDays,
    geoRedundantBackup: isOn(body.backup?.geoRedundantBackup)
  })
}
