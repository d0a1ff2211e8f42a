import { file, named, strict } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { exactlyOne, template, tls, url } from '../../config/fields.ts'
import { ofProcessors, ofResult, passHeadersOfResponse } from '../../config/results.ts'
import { isTemplate } from '../../config/template.ts'
import { amqpNameFault, sourceQueueFault } from '../names.ts'

const amqpUrl = {
  url: url(/^amqps?:/, 'amqp://user:password@host:5672/vhost')
    .optional()
    .describe('`amqp://user:password@host:5672/vhost`, or `amqps:`'),
  urlFile: file.optional().describe('the file that holds it, in place of `url`'),
}

const keepsTls = ({ url, tls }: { url?: string | undefined; tls?: object | undefined }) =>
  !tls || url === undefined || /^amqps:/i.test(url)
const lostTls = 'needs a url with amqps:, as amqp: goes in clear text'

export const RabbitmqListener = strict({
  type: z.literal('rabbitmq'),
  ...amqpUrl,
  queue: named(sourceQueueFault).describe('where the events come from'),
  tls: tls.optional(),
})
  .refine(...exactlyOne('url', 'urlFile'))
  .refine(keepsTls, { path: ['tls'], error: lostTls })
export type RabbitmqListener = z.output<typeof RabbitmqListener>

export const RabbitmqProcessor = strict({
  type: z.literal('rabbitmq'),
  ...amqpUrl,
  exchange: named(amqpNameFault, z.string())
    .default('')
    .describe('where the responses go; `""` takes them to the queue `routingKey`'),
  routingKey: template(ofResult, z.string())
    .superRefine((key, context) => {
      const fault = isTemplate(key) ? undefined : amqpNameFault(key)
      if (fault) context.addIssue(fault)
    })
    .describe('a template'),
  ...ofProcessors,
  passHeaders: passHeadersOfResponse('key'),
  tls: tls.optional(),
})
  .refine(...exactlyOne('url', 'urlFile'))
  .refine(keepsTls, { path: ['tls'], error: lostTls })
export type RabbitmqProcessor = z.output<typeof RabbitmqProcessor>
