import { surveyConfig } from '../config/survey-config.js'
import { userPaths } from '../config/user-paths.js'
import type { Context } from '../context.js'
import type { DoctorSetting } from '../doctor/doctor-context.js'
import { examine } from '../doctor/examine.js'
import type { Finding } from '../doctor/finding.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { count } from '../render/count.js'
import { oneLine } from '../render/scrub.js'
import { wrap } from '../render/wrap.js'

declare const __SFPOOL_VERSION__: string

/** Looks at the installation and says what is wrong and how to mend it. */
export async function doctor(context: Context<DoctorSetting>): Promise<ExitCode> {
  const { settings, terminal } = context
  const { environment, directory } = terminal
  const survey = await surveyConfig({ asked: settings.config, directory, environment, user: userPaths() })
  const { ok, findings } = await examine({ ...context, survey, version: __SFPOOL_VERSION__ })
  if (settings.json) context.printJson({ ok, findings })
  else for (const finding of findings) print(context, finding)
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.filter(({ level }) => level === 'warn').length
  context.say(
    ok && warnings === 0 ? 'all is well' : `${count(errors, 'error')}, ${count(warnings, 'warning')}`,
  )
  return ok ? exitCodes.ok : exitCodes.shortfall
}

function print({ paint, print, terminal }: Context<DoctorSetting>, finding: Finding): void {
  const { level, message, mend } = finding
  const mark = { ok: paint.green('ok   '), warn: paint.yellow('warn '), error: paint.red('error') }[level]
  const width = terminal.out.columns()
  const room = width === undefined ? undefined : width - 7
  const lines = wrap(oneLine(message), room).split('\n')
  if (mend !== null) lines.push(...wrap(`-> ${oneLine(mend)}`, room, 3).split('\n'))
  lines.forEach((line, at) => {
    print(at === 0 ? `${mark}  ${line}` : `       ${line}`)
  })
}
