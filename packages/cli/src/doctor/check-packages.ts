import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** Packages that only some installations have, and what needs them. */
const optionalPackages: Readonly<Record<string, string>> = { '@libsql/client': 'stores in files' }

/** The packages that are loaded when they are needed. */
export async function checkPackages({ settings }: DoctorContext): Promise<Finding[]> {
  const isNeeded = settings.store?.kind !== 'memory'
  return Promise.all(
    Object.entries(optionalPackages).map(([name, use]) => packageFinding(name, use, isNeeded)),
  )
}

async function packageFinding(name: string, use: string, isNeeded: boolean): Promise<Finding> {
  const id = `packages.${name}`
  try {
    return ok(id, `${name} ${await versionOf(name)}, for ${use}`)
  } catch {
    const missing = `${name} is not installed; ${use} need it`
    const mend = `npm install ${name}`
    return isNeeded ? failure(id, missing, mend) : warning(id, missing, mend)
  }
}

async function versionOf(name: string): Promise<string> {
  const entry = createRequire(import.meta.url).resolve(name)
  let folder = dirname(entry)
  while (folder !== dirname(folder)) {
    const manifest: unknown = await readFile(join(folder, 'package.json'), 'utf8').then(
      JSON.parse,
      () => null,
    )
    if (isManifest(manifest) && manifest.name === name) return manifest.version
    folder = dirname(folder)
  }
  return 'of an unknown version'
}

function isManifest(value: unknown): value is { name: string; version: string } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'version') === 'string'
}
