import { totalmem } from 'node:os'
import { openFiles } from '../serve/open-files.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** The oldest Node.js that works, as the package says. */
const oldestNode = [20, 19] as const
/** Each request may take two descriptors: one for its client, one for the upstream. */
const fewDescriptors = 1_024

/** Node.js, the platform, memory and file descriptors. */
export async function checkEnvironment({ version }: DoctorContext): Promise<Finding[]> {
  return [
    ok('version', `sfpool ${version}`),
    nodeFinding(process.versions.node),
    platformFinding(),
    ...descriptors(),
  ]
}

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldest, oldestMinor] = oldestNode
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return ok('node', `Node.js ${version}`)
  const needed = oldestNode.join('.')
  return failure('node', `Node.js ${version} is older than ${needed}`, `Install Node.js ${needed} or later`)
}

function platformFinding(): Finding {
  const memory = `${Math.round(totalmem() / 1024 ** 2)} MB of memory`
  return ok('platform', `${process.platform} ${process.arch}, ${memory}`)
}

function descriptors(): Finding[] {
  const found = openFiles()
  if (found === undefined) return []
  const { limit } = found
  return limit >= fewDescriptors
    ? [ok('open-files', `${limit} open files are allowed`)]
    : [
        warning(
          'open-files',
          `only ${limit} open files are allowed`,
          `Raise the limit: ulimit -n ${fewDescriptors * 64}`,
        ),
      ]
}
