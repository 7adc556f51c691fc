#!/usr/bin/env -S node --
// The two dashes keep Node 20 from taking our --env-file for its own, wherever that stands.
import pkg from '../package.json' with { type: 'json' }

// Asked for by scripts, often and in a hurry: nothing is loaded for it.
if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(`${pkg.version}\n`)
else void import('./parts.ts').then(({ part }) => part('cli.js'))
