// @ts-check
import { cpus, loadavg, release } from 'node:os'

/** Describes the machine, for the head of every result. */
export function describeMachine() {
  const [load = 0] = loadavg()
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    kernel: release(),
    node: process.version,
    loadAverage: Number(load.toFixed(2)),
    at: new Date().toISOString(),
  }
}
