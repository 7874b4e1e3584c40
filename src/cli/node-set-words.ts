/** The words for what is wrong with a node set. */
import { MOST_NODES, type NodeSetFault } from '../index.ts'
import { safeText } from './safe-text.ts'
import type { Words } from './words.ts'

/** Characters of a set that are shown. */
const SHOWN = 80

export const wordsOfNodeSetFault = ({ code, at }: NodeSetFault): Words => {
  const text = safeText(at.length > SHOWN ? `${at.slice(0, SHOWN)}...` : at)
  const hint = 'a node set looks like web[01-40],db[1,3]!db3'
  switch (code) {
    case 'bad_range':
      return { message: `${text} is no range of numbers`, hint: 'such as [1-3], [01-40], [1,5-7] or [0-10/2]' }
    case 'bad_bracket':
      return { message: `${text} has a bracket too many`, hint }
    case 'bad_name':
      return { message: `${text} is no name of a host`, hint }
    case 'no_operand':
      return { message: `a host is missing in ${text === '' ? 'an empty node set' : text}`, hint }
    case 'too_many':
      return { message: `${text} has more than ${MOST_NODES} hosts`, hint: null }
    case 'no_such_cluster':
      return { message: `there is no cluster ${text}`, hint: 'it stands in [clusters] of the config file' }
    case 'cluster_in_itself':
      return { message: `the cluster ${text} contains itself`, hint: 'see [clusters] in the config file' }
  }
}
