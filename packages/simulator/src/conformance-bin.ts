#!/usr/bin/env node
import { runCommandLine } from './conformance/command-line.js'

process.exitCode = await runCommandLine(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  say: (text) => process.stderr.write(`${text}\n`),
})
