import { file, named, strict, text } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { template, tls, url, withoutUser } from '../../config/fields.ts'
import { ofProcessors, ofResult, passHeadersOfResponse } from '../../config/results.ts'
import { isTemplate } from '../../config/template.ts'
import { isSubject, natsNameFault, sourceStreamFault } from '../names.ts'

const natsServers = z
  .array(url(/^(nats|tls):/i, 'nats://host:4222 or tls://host:4222').refine(...withoutUser))
  .min(1)
  .describe('`nats://host:4222`, or `tls:`; one or more of the same cluster')

const NatsAuth = strict({
  user: text.optional().describe('with `password` or `passwordFile`'),
  password: text.optional().describe('better from the environment'),
  passwordFile: file.optional().describe('the file that holds it'),
  token: text.optional().describe('in place of a user'),
  tokenFile: file.optional().describe('the file that holds it'),
  credsFile: file.optional().describe('the `.creds` file of a user, in place of the others'),
}).superRefine((auth, context) => {
  const given = Object.keys(auth).filter(key => key !== 'user')
  if (given.length > 1) context.addIssue(`${given.join(' and ')} are there, and one is enough`)
  else if (given.length === 0)
    context.addIssue('give user with password or passwordFile, token, tokenFile, or credsFile')
  else if (given[0]?.startsWith('password') !== (auth.user !== undefined))
    context.addIssue('user belongs together with password or passwordFile')
})

export const NatsListener = strict({
  type: z.literal('nats'),
  servers: natsServers,
  stream: named(sourceStreamFault).describe('the JetStream stream, which must be there'),
  subject: text.describe('which of its subjects to read; wildcards are fine'),
  durable: named(natsNameFault).describe(
    'the durable consumer, whose acknowledgements say what is done; made when it is not there',
  ),
  auth: NatsAuth.optional(),
  tls: tls.optional(),
})
export type NatsListener = z.output<typeof NatsListener>

export const NatsProcessor = strict({
  type: z.literal('nats'),
  servers: natsServers,
  subject: template(ofResult)
    .refine(subject => isTemplate(subject) || isSubject(subject), 'is no subject that one can publish to')
    .describe('where the responses go, a template; a JetStream stream must have it'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse('key'),
  auth: NatsAuth.optional(),
  tls: tls.optional(),
})
export type NatsProcessor = z.output<typeof NatsProcessor>
