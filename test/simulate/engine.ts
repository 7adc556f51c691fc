// The simulations of one process, as one bundle: an estate that several of them look at is then run to its end once.
export { allFaults, faults } from './faults.ts'
export { cutAnywhere, kill } from './kill.ts'
export { lostDisk } from './lostDisk.ts'
export { migrationKilled } from './migration.ts'
export { applied, machineOn } from './run.ts'
export { heavyNames, heavyScene } from './scenes.ts'
export { exampleWholes } from './wholes.ts'
