import { JsonMembers, startOfObject, stringAt } from '../../wire/json-members.js'
import { boundaryOf, isModelField } from './rewrite-form.js'

/** The longest name of a model, in bytes. */
const maxNameLength = 256

/**
 * The model that a body asks for, found without parsing the body: the first top-level `model` of a JSON object, or the
 * first `model` field of a form. Null when there is none, or it is cut off. A 20 MB image behind the model is not
 * looked at; a native byte search skips one before it.
 */
export function peekModel(body: Buffer, contentType: string | undefined): string | null {
  const boundary = boundaryOf(contentType)
  return boundary === null ? modelOfJson(body) : modelOfForm(body, boundary)
}

function modelOfJson(body: Buffer): string | null {
  const members = new JsonMembers(body, startOfObject(body))
  while (members.next()) {
    if (members.isNamed('model')) return stringAt(body, members.valueStart, maxNameLength)
  }
  return null
}

/** Walks the parts of a form by their boundary, and reads only the heads of the parts as text. */
function modelOfForm(body: Buffer, boundary: string): string | null {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  for (
    let part = body.indexOf(delimiter);
    part !== -1;
    part = body.indexOf(delimiter, part + delimiter.length)
  ) {
    const headEnd = body.indexOf('\r\n\r\n', part)
    if (headEnd === -1) return null
    const head = body.toString('latin1', part, Math.min(headEnd, part + 4096))
    if (!isModelField(head)) continue
    const end = body.indexOf(delimiter, headEnd)
    // A value without its end may be half a name.
    if (end === -1 || end - headEnd > maxNameLength) return null
    const value = body.toString('utf8', headEnd + 4, end).trim()
    return value === '' ? null : value
  }
  return null
}
