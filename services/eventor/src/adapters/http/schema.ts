import { file, strict, text, whole } from 'kafka-restaurants-config-file'
import { z } from 'zod'
import { exactlyOne, headers, passHeaders, template, tls, url, withoutUser } from '../../config/fields.ts'

const BasicAuth = strict({
  type: z.literal('basic'),
  username: text,
  password: text.optional().describe('better from the environment'),
  passwordFile: file.optional().describe('the file that holds it; read again when it changes'),
}).refine(...exactlyOne('password', 'passwordFile'))

const BearerAuth = strict({
  type: z.literal('bearer'),
  token: text.optional().describe('better from the environment'),
  tokenFile: file.optional().describe('the file that holds it; read again when it changes'),
}).refine(...exactlyOne('token', 'tokenFile'))

const httpUrl = url(/^https?:/, 'http://… or https://…')

const OAuth2 = strict({
  type: z.literal('oauth2'),
  tokenUrl: httpUrl.describe('where tokens are asked for, by client credentials'),
  clientId: text.describe("eventor's name there"),
  clientSecret: text.optional().describe('better from the environment'),
  clientSecretFile: file.optional().describe('the file that holds it; read again when it changes'),
  scope: text.optional().describe('the scopes to ask for, with blanks between'),
  audience: text.optional().describe('whom the token is for'),
}).refine(...exactlyOne('clientSecret', 'clientSecretFile'))

const Auth = z.discriminatedUnion('type', [BasicAuth, BearerAuth, OAuth2])

const isHttp = (url: string) =>
  /\{[{%]/.test(url) ? /^(https?:\/\/|\{)/i.test(url) : /^https?:$/.test(URL.parse(url)?.protocol ?? '')

export const HttpHandler = strict({
  type: z.literal('http'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']).default('POST'),
  url: template({ inUrl: true })
    .refine(isHttp, 'must be a URL: http://… or https://…')
    .refine(...withoutUser)
    .describe('a template; what comes from the event is percent-encoded in it, but for `{{ … | raw }}`'),
  headers: headers
    .default({})
    .describe('the values are templates; `Content-Type` is `application/text` unless it is here'),
  body: template({}, z.string()).optional().meta({ default: "the event's bytes", description: 'a template' }),
  passHeaders: passHeaders('traceparent', 'correlation_id').describe(
    "the event's headers that go into the request; `traceparent` and `correlation_id` always do",
  ),
  timeoutMs: whole(1).default(30_000).describe('how long an answer may take, to its last byte'),
  auth: Auth.optional(),
  tls: tls.optional(),
}).refine(
  ({ auth, headers, passHeaders }) =>
    !auth || ![...Object.keys(headers), ...passHeaders].some(name => /^authorization$/i.test(name)),
  { path: ['auth'], error: 'give auth or the header Authorization, not both' },
)
export type HttpHandler = z.output<typeof HttpHandler>
