import type { AccountCall } from '../http/call.js'
import { json, type Reply } from '../reply/reply.js'

/** `GET /models`: lists models. It needs a good key, but no money. */
export function listModels({ world, site, query }: AccountCall): Reply {
  const type = query.get('type')
  const subType = query.get('sub_type')
  const data = []
  for (const model of world.catalogue.offers(site)) {
    if (model.isDisabled || model.redirectTo !== undefined || (type !== null && type !== model.type)) continue
    if (subType !== null && subType !== model.subType) continue
    data.push({ id: model.id, object: 'model', created: 0, owned_by: '' })
  }
  return json({ object: 'list', data })
}
