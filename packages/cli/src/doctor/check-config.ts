import { catalogue } from '../config/catalogue.js'
import { didYouMean } from '../config/did-you-mean.js'
import { type Setting, variableName } from '../config/setting.js'
import type { Settings } from '../config/settings.js'
import type { SurveyedFile } from '../config/survey-config.js'
import { tryPool } from '../pool/trial-pool.js'
import { withOrigin } from '../pool/with-origin.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** The configuration files and variables: what each sets, and what is wrong in them. */
export async function checkConfig(context: DoctorContext): Promise<Finding[]> {
  const { files, settings } = context.survey
  const wrong = settings.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [failure(`config.${name}`, problem, `See: sfpool config get ${name}`)],
  )
  return [
    ...(files.length === 0 ? [ok('config.files', 'no configuration file')] : files.flatMap(fileFindings)),
    ...variables(context),
    ...distinct(wrong),
    ...(await policy(context)),
  ]
}

function fileFindings({ path, names, problems }: SurveyedFile): Finding[] {
  const set = names.length === 0 ? 'sets nothing' : `sets ${names.join(', ')}`
  const wrong = problems.map(({ message, hint }) => failure('config.files', message, hint ?? `Mend ${path}`))
  return wrong.length > 0 ? wrong : [ok('config.files', `${path} ${set}`)]
}

/** Variables that set something, and those that look as if they did. */
function variables({ survey, terminal: { environment } }: DoctorContext): Finding[] {
  const known = new Set(Object.values(catalogue).map((setting) => variableName(setting as Setting<unknown>)))
  const mistyped = Object.keys(environment)
    .filter((name) => name.startsWith('SFPOOL_') && !known.has(name))
    .map((name) => {
      const meant = didYouMean(name, [...known])
      const mend =
        meant === undefined ? `Remove ${name}; see: sfpool config list --all` : `Did you mean ${meant}?`
      return warning('config.variables', `no setting has the variable ${name}`, mend)
    })
  const used = survey.settings.flatMap(({ found }) =>
    found === undefined || found.file !== undefined ? [] : [found.origin],
  )
  const names = [...new Set(used)]
  return [
    ...(names.length === 0 ? [] : [ok('config.variables', `set by variables: ${names.join(', ')}`)]),
    ...mistyped,
  ]
}

/** Lets the pool check its own part of the settings. */
async function policy({ survey }: DoctorContext): Promise<Finding[]> {
  const settings = Object.fromEntries(survey.settings.map(({ name, value }) => [name, value]))
  const origins = Object.fromEntries(survey.settings.map(({ name, found }) => [name, found?.origin]))
  try {
    await tryPool(settings as Partial<Settings>)
    return []
  } catch (error) {
    const named = withOrigin(error, origins)
    const message = named instanceof Error ? named.message : String(named)
    return [failure('config.policy', message, 'See the guide choosing-keys, or: sfpool config list')]
  }
}

/** A variable that two settings read is wrong once. */
function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ message }) => {
    const origin = / \(from ([^)]+)\)$/.exec(message)?.[1] ?? message
    return seen.has(origin) ? false : seen.add(origin)
  })
}
